"""The points of a sweep with their summaries, and groups of them that differ in the refiner's seed alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from models.judging.resampling import Counts

SEED_AXIS = "training.refiner_seed"
_NAMED_BY_FILE = ("refiner", "detector")


class PointConfig(BaseModel):
    """One point: its values on the axes, and either what happened to it or what its refiner took.

    `sections`: its values on the axes of each section of the sweep that holds it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    values: dict[str, str]
    sections: dict[str, dict[str, str]] = {}
    refiner_key: str = ""
    refiner_seconds: float = 0.0
    refiner_seed: int = 0
    has_skip: bool | None = None  # None: not known
    evaluation_key: str = ""
    is_stand_in: bool = False  # whether its "real" images are rendered, too
    has_test: bool = True  # whether it was scored on images that chose nothing
    error: str | None = None


class KindCost(BaseModel):
    """What all artifacts of one kind took to make, whenever that was."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    count: int
    seconds: float
    num_bytes: int


@dataclass(frozen=True, eq=False)
class Point:
    """One point of which all steps ended well, or none of a failed one."""

    config: PointConfig
    summary: dict[str, Any] | None

    @cached_property
    def arms(self) -> tuple[str, ...]:
        evaluation = (self.summary or {}).get("evaluation")
        return tuple(score["arm"] for score in evaluation["scores"]) if evaluation else ()

    def counts(self, arm: str) -> Counts:
        assert self.summary is not None
        counts = self.summary["counts"]
        found = counts["arms"][arm]
        true, num_found = (np.array(found[name], np.int64) for name in ("num_true", "num_found"))
        return Counts(true, num_found, np.array(counts["num_boxes"], np.int64))

    def score(self, arm: str) -> dict[str, Any]:
        assert self.summary is not None
        return next(score for score in self.summary["evaluation"]["scores"] if score["arm"] == arm)


@dataclass(frozen=True, eq=False)
class Group:
    """The points of a section that differ in the refiner's seed alone, by the name that they share."""

    name: str
    points: tuple[Point, ...]
    failures: tuple[PointConfig, ...]

    @property
    def arms(self) -> tuple[str, ...]:
        return self.points[0].arms if self.points else ()

    @property
    def clips(self) -> list[str]:
        summary = self.points[0].summary
        assert summary is not None
        return summary["counts"]["clips"]

    def detections(self, arm: str) -> list[Counts]:
        """Of each point; once where the refiner's seed does not matter to the arm."""
        counts = [point.counts(arm) for point in self.points]
        first = counts[0]
        is_shared = all(
            np.array_equal(item.num_true, first.num_true) and np.array_equal(item.num_found, first.num_found)
            for item in counts
        )
        return [first] if is_shared else counts

    def mean_score(self, arm: str, name: str) -> float:
        """Mean of `precision`, `recall`, `f1` or `val_f1` over the points."""
        return float(np.mean([point.score(arm)[name] for point in self.points]))

    def figure(self, name: str) -> float | None:
        """Mean of one of the refiner's figures over the points that have it."""
        values = [
            point.summary["figures"][name]
            for point in self.points
            if point.summary and name in point.summary["figures"]
        ]
        return float(np.mean(values)) if values else None


def group_section(points: Sequence[Point], section: str) -> list[Group]:
    """The groups of a section, in the order of its grid."""
    members: dict[str, list[Point]] = {}
    for point in points:
        if section in point.config.sections:
            members.setdefault(group_name(point.config.sections[section]), []).append(point)
    return [
        Group(
            name,
            tuple(point for point in group if point.summary is not None),
            tuple(point.config for point in group if point.summary is None),
        )
        for name, group in members.items()
    ]


def group_name(values: Mapping[str, str]) -> str:
    """The values beside the refiner's seed; a refiner or a detector by its name alone."""
    return ", ".join(
        name if axis in _NAMED_BY_FILE else f"{axis.rpartition('.')[2]} {name}"
        for axis, name in values.items()
        if axis != SEED_AXIS
    )
