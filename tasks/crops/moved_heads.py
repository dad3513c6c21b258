"""Heads that a refiner moved or dissolved, so that their boxes are no longer right."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.translation.monitoring.config import WarningBounds

# Figures of what a refiner is to keep, by what they are called of heads.
_NAMES = {
    "displacement_mean_px": "head_displacement_mean_px",
    "displacement_p95_px": "head_displacement_p95_px",
    "displacement_share_over_1px": "head_displacement_share_over_1px",
    "num_displacements": "num_heads",
}


@dataclass(frozen=True, kw_only=True)
class MeasuringBounds(WarningBounds):
    """Beyond which values a refiner of crops with heads is said to have gone wrong."""

    most_heads_moved: float = 0.2  # share of the heads that moved by more than 1 px


def name_heads(figures: Mapping[str, float]) -> dict[str, float]:
    """The same figures; those of what is kept are said of heads."""
    return {_NAMES.get(name, name): value for name, value in figures.items()}


def find_moved_heads(figures: Mapping[str, float], bounds: MeasuringBounds) -> tuple[str, ...]:
    """A sentence where too many heads moved, else none."""
    share = figures.get("head_displacement_share_over_1px")
    if share is None or share <= bounds.most_heads_moved:
        return ()
    return (
        f"The refiner moves or dissolves heads, so that their boxes are no longer right: {100 * share:.0f} % by more than "
        f"1 px (above {100 * bounds.most_heads_moved:g} %). Set generator.has_skip, or raise losses.head_structure.",
    )
