"""What a report is made from: its configuration, and the folders of what the run made."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from tasks.datasets.annotations import Target


class ReportConfig(BaseModel):
    """What the report is told about the run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    arms: tuple[str, ...]
    seeds: tuple[int, ...]  # of every arm; detectors and detections come arm by arm, seed by seed
    detector_steps: int
    detector_start: str  # the weights that every arm starts from, in words
    target: Target
    is_sample_site: bool
    has_test: bool
    iou: float
    match_iou: float  # at which thresholds were chosen on R_val


@dataclass(frozen=True, kw_only=True)
class ReportParts:
    """The folders of what the run made. Detectors and detections come arm by arm, seed by seed."""

    scenes: list[Path]
    crops: list[Path]
    refined_crops: list[Path]
    refined_scenes: list[Path]
    real: Path
    leaks: Path
    real_crops: Path
    refiner: Path
    measures: Path
    detectors: list[Path]
    detections: list[Path]
    evaluation: Path
    label_check: Path
    test: Path


def by_arm(config: ReportConfig, items: list[Any]) -> dict[str, list[Any]]:
    """What comes arm by arm and seed by seed, a list an arm."""
    count = len(config.seeds)
    return {arm: items[count * index : count * (index + 1)] for index, arm in enumerate(config.arms)}


def read_json(path: Path) -> Any:
    """The content of a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))
