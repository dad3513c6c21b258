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
    measures: list[Path],
    evaluation: list[Path],
) -> None:
    """`point.json`: the refiner's steps, figures, warnings, the scores of every arm, and crops before and after.

    `measures` and `evaluation` hold one folder, or none where nothing was measured or no detector trained.
    """
    history = _read(refiner / "history.json")
    measured: dict[str, Any] = _read(measures[0] / "measures.json") if measures else {}
    before, after = _sample(crops), _sample(refined_crops)
    content = {
        "steps": history[-1]["step"],
        "figures": {"change_grey_levels": _mean_change(refined_crops), **measured.get("figures", {})},
        "warnings": measured.get("warnings", []),
        "extractor": measured.get("extractor"),
        "evaluation": _read(evaluation[0] / "evaluation.json") if evaluation else None,
        "before": None if before is None else before.source,
        "after": None if after is None else after.source,
    }
    (out / "point.json").write_text(json.dumps(content))


def _read(path: Path) -> Any:
    return json.loads(path.read_text())


def _mean_change(refined_crops: list[Path]) -> float:
    """Grey levels by which the refiner changed a pixel, mean over all crops."""
    counts = [len(_read(folder / "crops.json")) for folder in refined_crops]
    changes = [_read(folder / "change.json")["mean_grey_levels"] for folder in refined_crops]
    return float(np.average(changes, weights=counts)) if sum(counts) else 0.0


def _sample(folders: list[Path]) -> Picture | None:
    """Evenly chosen crops side by side; the same ones for crops and what the refiner made of them."""
    stacks = [np.load(folder / "crops.npy", mmap_mode="r") for folder in folders]
    places = [(stack, index) for stack in stacks for index in range(len(stack))]
    if not places:
        return None
    chosen = np.unique(np.linspace(0, len(places) - 1, _CROPS).astype(int))
    pixels = [np.asarray(places[number][0][places[number][1]]) for number in chosen]
    return picture(np.concatenate(pixels, axis=1), "", min_width_px=_CROP_WIDTH_PX * len(pixels))
