"""The figures of one point of a sweep, gathered from its artifacts."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from tasks.report.panels import Picture, picture
from tasks.steps import step

_CROPS = 8
_CROP_WIDTH_PX = 96


@step("sweep-point", libraries=("numpy", "opencv-python-headless"))
def summarise_point(
    out: Path,
    config: None,
    *,
    refiner: Path,
    crops: list[Path],
    refined_crops: list[Path],
    measures: Path,
    evaluation: list[Path],
) -> None:
    """`point.json`: the refiner's steps, figures, warnings, the scores of every arm, and crops before and after.

    `evaluation` holds one folder, or none where no detector was trained.
    """
    history = _read(refiner / "history.json")
    measured = _read(measures / "measures.json")
    before, after = _sample(crops), _sample(refined_crops)
    content = {
        "steps": history[-1]["step"],
        "figures": measured["figures"],
        "warnings": measured["warnings"],
        "extractor": measured["extractor"],
        "evaluation": _read(evaluation[0] / "evaluation.json") if evaluation else None,
        "before": None if before is None else before.source,
        "after": None if after is None else after.source,
    }
    (out / "point.json").write_text(json.dumps(content))


def _read(path: Path) -> Any:
    return json.loads(path.read_text())


def _sample(folders: list[Path]) -> Picture | None:
    """Evenly chosen crops side by side; the same ones for crops and what the refiner made of them."""
    stacks = [np.load(folder / "crops.npy", mmap_mode="r") for folder in folders]
    places = [(stack, index) for stack in stacks for index in range(len(stack))]
    if not places:
        return None
    chosen = np.unique(np.linspace(0, len(places) - 1, _CROPS).astype(int))
    pixels = [np.asarray(places[number][0][places[number][1]]) for number in chosen]
    return picture(np.concatenate(pixels, axis=1), "", min_width_px=_CROP_WIDTH_PX * len(pixels))
