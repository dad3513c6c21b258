"""The points of a sweep with their summaries, and groups of them that differ in the refiner's seed alone."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from models.judging.measures import Measure
from tasks.scoring.records import Counted, main_measure, read_counted, shown_measures, validation_key

SEED_AXIS = "training.refiner_seed"
_NAMED_BY_FILE = ("refiner", "detector")
# What a summary has beside `steps` and `figures`, where there is nothing of it.
NOTHING_FOUND = {
    "warnings": [],
    "extractor": None,
    "leaks": {"pairs": [], "cut_clips": [], "left_out": []},
    "notes": None,  # sentences of what limits the figures; None: the table finds them in the summary itself
    "evaluation": None,
    "statistics": None,
    "before": None,
    "after": None,
}


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


def read_summary(folder: Path) -> dict[str, Any]:
    """A `point.json`. A pipeline that has no refiner or no detectors leaves out what is of these."""
    return NOTHING_FOUND | json.loads((folder / "point.json").read_text(encoding="utf-8"))


@dataclass(frozen=True, eq=False)
class Point:
    """One point of which all steps ended well, or none of a failed one."""

    config: PointConfig
    summary: dict[str, Any] | None

    @cached_property
    def arms(self) -> tuple[str, ...]:
        evaluation = (self.summary or {}).get("evaluation")
        return tuple(score["arm"] for score in evaluation["scores"]) if evaluation else ()

    @cached_property
    def counted(self) -> Counted:
        assert self.summary is not None
        return read_counted(self.summary["statistics"])

    @property
    def evaluation(self) -> dict[str, Any]:
        assert self.summary is not None
        return self.summary["evaluation"]

    def score(self, arm: str) -> dict[str, Any]:
        return next(score for score in self.evaluation["scores"] if score["arm"] == arm)


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
    def measure(self) -> Measure:
        """The one by which the detectors are judged."""
        return main_measure(self.points[0].evaluation)

    @property
    def measures(self) -> list[Measure]:
        """All that their scores have a value for."""
        return shown_measures(self.points[0].evaluation)

    @property
    def clips(self) -> tuple[str, ...]:
        return self.points[0].counted.clips

    def statistics(self, arm: str) -> list[np.ndarray]:
        """[k seeds, n images, s] of each point; once where the refiner's seed does not matter to the arm."""
        found = [point.counted.arms[arm] for point in self.points]
        is_shared = all(np.array_equal(item, found[0]) for item in found)
        return found[:1] if is_shared else found

    def mean_score(self, arm: str) -> float:
        """Mean of the main measure over the points."""
        return float(np.mean([point.score(arm)[self.measure.name] for point in self.points]))

    def mean_score_of(self, arm: str, measure: Measure) -> float | None:
        """Of another measure that is shown; None where it is not defined at a point."""
        values = [point.score(arm)[measure.name] for point in self.points]
        return None if None in values else float(np.mean(values))

    def mean_score_on_val(self, arm: str) -> float:
        """Of the main measure on R_val, which may choose, as R_test may not."""
        key = validation_key(self.measure)
        return float(np.mean([point.score(arm)[key] for point in self.points]))

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
    return _group(
        (group_name(point.config.sections[section]), point)
        for point in points
        if section in point.config.sections
    )


def group_grid(points: Sequence[Point]) -> list[Group]:
    """The groups of a sweep without sections."""
    return _group((group_name(point.config.values), point) for point in points)


def _group(named: Iterable[tuple[str, Point]]) -> list[Group]:
    members: dict[str, list[Point]] = {}
    for name, point in named:
        members.setdefault(name, []).append(point)
    return [
        Group(
            name,
            tuple(point for point in group if point.summary is not None),
            tuple(point.config for point in group if point.summary is None),
        )
        for name, group in members.items()
    ]


def score_title(groups: Sequence[Group]) -> str:
    """Of the measure by which the groups' detectors are judged; "" where none has any."""
    return next((group.measure.title for group in groups if group.arms), "")


def group_name(values: Mapping[str, str]) -> str:
    """The values beside the refiner's seed; a refiner or a detector by its name alone."""
    return ", ".join(
        name if axis in _NAMED_BY_FILE else f"{axis.rpartition('.')[2]} {name}"
        for axis, name in values.items()
        if axis != SEED_AXIS
    )
