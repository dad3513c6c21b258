"""Where drops lie and what shape they have: caps that may have run together."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator

from blender_assets.soiling.covering import Coverage, seen_radius, spread_points
from blender_assets.soiling.pane import Pane
from blender_assets.soiling.refraction import Caps

MOST_CAPS = 3
_MOST_TRIES = 6_000
_BLEND = 0.8  # of the smaller cap's height, over which two caps are joined


class DropsConfig(BaseModel):
    """Lengths are those on the pane."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # of a drop's base, least and most; small ones are more frequent
    radius_mm: tuple[float, float] = (0.25, 1.6)
    # between water and pane: 20 to 40 on clean glass, 60 to 90 on a coated lens
    contact_deg: tuple[float, float] = (35.0, 75.0)
    merged: float = Field(default=0.35, ge=0, le=1)  # share of drops that have run together with others
    # share of what a drop shows that is the light of the scene's bright parts, from beyond the frame or scattered
    stray_light: float = Field(default=0.2, ge=0, le=1)
    # by how much of its radius a drop's edge strays from circles
    irregular: float = Field(default=0.15, ge=0, le=0.5)

    @field_validator("radius_mm", "contact_deg")
    @classmethod
    def _ascends(cls, ends: tuple[float, float]) -> tuple[float, float]:
        if not 0 < ends[0] <= ends[1] <= 85:
            raise ValueError(f"must be (least, most) with 0 < least <= most <= 85, but was {ends}")
        return ends


@dataclass(frozen=True)
class Drops:
    """g drops: middles_xy [g, 2] in blocks, reach_mm [g] from there to their edge, caps [g, k] relative to the middles."""

    middles_xy: NDArray[np.float64]
    reach_mm: NDArray[np.float32]
    caps: Caps


def place_drops(pane: Pane, config: DropsConfig, share: float, rng: np.random.Generator) -> Drops:
    """Drops apart from one another until they cover `share` of what is seen."""
    scale = pane.blocks_per_mm
    coverage = Coverage(pane)
    rows: list[NDArray[np.float64]] = []
    placed = np.zeros((_MOST_TRIES, 3))  # x, y, reach in blocks
    for middle in spread_points(pane.shape_hw, 0.5 * config.radius_mm[1] * scale, rng, most=_MOST_TRIES):
        if coverage.reaches(share):
            break
        row = _one_drop(config, rng)
        reach = float((np.hypot(row[0], row[1]) + row[2]).max()) * scale
        if _is_crowded(middle, reach, placed[: len(rows)]):
            continue
        placed[len(rows)] = *middle, reach
        rows.append(row)
        for x, y, radius in row[:3].T[row[2] > 0] * scale:
            coverage.add_disc(middle + np.array([x, -y]), seen_radius(float(radius), 1.0, pane.blur_blocks))
    caps = np.array(rows, np.float32).reshape(-1, 4, MOST_CAPS)
    return Drops(
        placed[: len(rows), :2],
        (placed[: len(rows), 2] / scale).astype(np.float32),
        Caps(caps[:, 0], caps[:, 1], caps[:, 2], caps[:, 3], _blend(caps)),
    )


def _one_drop(config: DropsConfig, rng: np.random.Generator) -> NDArray[np.float64]:
    """[4, k]: x, y, radius and contact angle of its caps; a radius of 0 is none. Merged ones share a contact angle."""
    least, most = config.radius_mm
    radius = least * (most / least) ** (rng.random() ** 2)
    contact = np.radians(rng.uniform(*config.contact_deg))
    row = np.zeros((4, MOST_CAPS))
    row[2, 0], row[3] = radius, contact
    if rng.random() < config.merged:
        angle, turn = rng.uniform(0, 2 * np.pi), rng.normal(0, 0.6)
        for number in range(1, int(rng.integers(2, MOST_CAPS + 1))):
            own = radius * rng.uniform(0.5, 0.95)
            away = (radius + own) * rng.uniform(0.5, 0.8)
            heading = angle + (number - 1) * (np.pi + turn)
            row[:3, number] = away * np.cos(heading), away * np.sin(heading), own
    return row


def _is_crowded(middle: NDArray[np.float64], reach: float, placed: NDArray[np.float64]) -> bool:
    away = np.hypot(placed[:, 0] - middle[0], placed[:, 1] - middle[1])
    return bool((away < 0.9 * (reach + placed[:, 2])).any())


def _blend(caps: NDArray[np.float32]) -> NDArray[np.float32]:
    """[g] mm: of a drop of one cap so little that it stays that cap."""
    is_there = caps[:, 2] > 0
    heights = np.where(is_there, caps[:, 2] * np.tan(caps[:, 3] / 2), np.inf)
    return np.where(is_there.sum(axis=1) > 1, _BLEND * heights.min(axis=1, initial=1.0), 1e-6).astype(
        np.float32
    )
