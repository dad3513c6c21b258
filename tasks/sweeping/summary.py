"""The figures of one point of a sweep, gathered from its artifacts."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from tasks.building.steps import step
from tasks.datasets.annotations import read_coco
from tasks.report.panels import Picture, picture
from tasks.scoring.records import main_measure, validation_key

_CROPS = 8
_CROP_WIDTH_PX = 96


class SummaryConfig(BaseModel):
    """The arms and seeds of the point's detectors, which come arm by arm, seed by seed; empty without detectors."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    arms: tuple[str, ...] = ()
    seeds: tuple[int, ...] = ()


@step("sweep-point", libraries=("numpy", "opencv-python-headless"))
def summarise_point(
    out: Path,
    config: SummaryConfig,
    *,
    refiner: Path,
    crops: list[Path],
    refined_crops: list[Path],
    measures: Path,
    scenes: list[Path],
    real: Path,
    leaks: Path,
    detectors: list[Path],
    evaluation: list[Path],
) -> None:
    """`point.json`: all that tables and figures of a sweep need of one point, and crops before and after its refiner.

    `evaluation` holds one folder, or none where no detector was trained.
    """
    history = _read(refiner / "history.json")
    measured = _read(measures / "measures.json")
    before, after = _sample(crops), _sample(refined_crops)
    scored = _read(evaluation[0] / "evaluation.json") if evaluation else None
    content = {
        "steps": history[-1]["step"],
        "figures": measured["figures"],
        "warnings": measured["warnings"],
        "extractor": measured["extractor"],
        "num_compared": measured["num_compared"],
        "pca": _read(measures / "pca.json") if (measures / "pca.json").exists() else None,
        "num_scenes": sum(len(read_coco(folder / "annotations.json")) for folder in scenes),
        "num_real": len(read_coco(real / "annotations.json")),
        "leaks": _read(leaks / "leaks.json"),
        "validation": _validation(config, detectors, validation_key(main_measure(scored or {}))),
        "evaluation": scored,
        "statistics": _read(evaluation[0] / "statistics.json") if evaluation else None,
        "before": None if before is None else before.source,
        "after": None if after is None else after.source,
    }
    (out / "point.json").write_text(json.dumps(content), encoding="utf-8")


def _validation(config: SummaryConfig, detectors: list[Path], key: str) -> dict[str, list[list[list[float]]]]:
    """(step, main measure on R_val) of every seed of every arm; histories hold it under `key`."""
    curves = [
        [[entry["step"], entry[key]] for entry in _read(folder / "history.json") if key in entry]
        for folder in detectors
    ]
    count = len(config.seeds)
    return {arm: curves[count * index : count * (index + 1)] for index, arm in enumerate(config.arms)}


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
