"""The figures of one point of a sweep, gathered from its artifacts."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from tasks.building.steps import step
from tasks.datasets.annotations import read_coco
from tasks.report.panels import Picture, picture
from tasks.sweeping.scored_summary import read_scored

_CROPS = 8
_CROP_WIDTH_PX = 96


class SummaryConfig(BaseModel):
    """The seeds of every arm's detectors, which come arm by arm, seed by seed; empty without detectors."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seeds: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PointParts:
    """The folders of what the point made. Detectors and the evaluation are missing where none was trained."""

    refiner: Path
    crops: list[Path]
    refined_crops: list[Path]
    measures: Path
    scenes: list[Path]
    real: Path
    leaks: Path
    detectors: list[Path]
    evaluation: list[Path]


@step("sweep-point", libraries=("numpy", "opencv-python-headless"))
def summarise_point(out: Path, config: SummaryConfig, **folders: Any) -> None:
    """`point.json`: all that tables and figures of a sweep need of one point, and crops before and after its refiner.

    `folders` are those of `PointParts`.
    """
    parts = PointParts(**folders)
    before, after = _sample(parts.crops), _sample(parts.refined_crops)
    content = {
        "steps": _read(parts.refiner / "history.json")[-1]["step"],
        **_measured(parts.measures),
        "num_scenes": sum(len(read_coco(folder / "annotations.json")) for folder in parts.scenes),
        "num_real": len(read_coco(parts.real / "annotations.json")),
        "leaks": _read(parts.leaks / "leaks.json"),
        **_scored(config, parts),
        "before": None if before is None else before.source,
        "after": None if after is None else after.source,
    }
    (out / "point.json").write_text(json.dumps(content), encoding="utf-8")


def _measured(measures: Path) -> dict[str, Any]:
    """The refiner's figures, what is wrong with it, and what they were measured with."""
    measured = _read(measures / "measures.json")
    kept = {name: measured[name] for name in ("figures", "warnings", "extractor", "num_compared")}
    return kept | {"pca": _read(measures / "pca.json") if (measures / "pca.json").exists() else None}


def _scored(config: SummaryConfig, parts: PointParts) -> dict[str, Any]:
    """The evaluation of the detectors, and their course in validation."""
    if not parts.evaluation:
        return {"validation": {}, "evaluation": None, "statistics": None}
    scored = read_scored(parts.evaluation[0], parts.detectors, num_seeds=len(config.seeds))
    return {name: scored[name] for name in ("validation", "evaluation", "statistics")}


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _sample(folders: list[Path]) -> Picture | None:
    """Evenly chosen crops side by side; the same ones for crops and what the refiner made of them."""
    stacks = [np.load(folder / "crops.npy", mmap_mode="r") for folder in folders]
    places = [(stack, index) for stack in stacks for index in range(len(stack))]
    if not places:
        return None
    chosen = np.unique(np.linspace(0, len(places) - 1, _CROPS).astype(int))
    pixels = [np.asarray(places[number][0][places[number][1]]) for number in chosen]
    return picture(np.concatenate(pixels, axis=1), "", min_width_px=_CROP_WIDTH_PX * len(pixels))
