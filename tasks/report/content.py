"""The part of the report that depends on artifacts alone: tables, curves and pictures, as an artifact itself."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from tasks.building import progress
from tasks.building.steps import step
from tasks.datasets.annotations import read_coco
from tasks.report import plots
from tasks.report.parts import ReportConfig, ReportParts, by_arm, read_json
from tasks.report.pictures import draw_pictures
from tasks.report.refiner_section import refiner_section
from tasks.scoring.records import main_measure


@step("report", libraries=("plotly", "numpy", "opencv-python-headless"))
def write_report(out: Path, config: ReportConfig, **folders: Any) -> None:
    """`content.json`: everything that the page shows but timings and what was reused, which belong to a run.

    `folders` are those of `ReportParts`.
    """
    parts = ReportParts(**folders)
    content = _figures(config, parts)
    progress.report(1, 2)
    content["pictures"] = draw_pictures(config, parts, content)
    (out / "content.json").write_text(json.dumps(content), encoding="utf-8")
    progress.report(2, 2)


def _figures(config: ReportConfig, parts: ReportParts) -> dict[str, Any]:
    """All but the pictures."""
    observations = read_json(parts.refiner / "observations.json")
    return {
        "config": config.model_dump(mode="json"),
        "evaluation": read_json(parts.evaluation / "evaluation.json"),
        "breakdown": read_json(parts.evaluation / "breakdown.json"),
        "leaks": read_json(parts.leaks / "leaks.json"),
        "label_check": read_json(parts.label_check / "label_check.json"),
        "sizes": _sizes(parts),
        "refiner": refiner_section(
            read_json(parts.measures / "measures.json"),
            read_json(parts.measures / "pca.json"),
            observations,
            seam=_mean_seam(parts.refined_scenes),
        ),
        "plots": _plots(config, parts, observations),
    }


def _plots(config: ReportConfig, parts: ReportParts, observations: list[dict[str, Any]]) -> dict[str, str]:
    histories = by_arm(config, [read_json(folder / "history.json") for folder in parts.detectors])
    result = read_json(parts.evaluation / "evaluation.json")
    curves = read_json(parts.evaluation / "curves.json")
    return {
        "scores": plots.scores_by_arm(result),
        "precision_recall": plots.precision_over_recall(curves),
        "f1_threshold": plots.f1_over_threshold(curves),
        "refiner_losses": plots.refiner_losses(read_json(parts.refiner / "history.json")),
        "refiner_distances": plots.refiner_distances(observations),
        "validation": plots.validation_scores(histories, main_measure(result)),
        "detector_losses": plots.detector_losses(histories),
    }


def _sizes(parts: ReportParts) -> dict[str, int]:
    return {
        "S": sum(len(read_coco(folder / "annotations.json")) for folder in parts.scenes),
        "cS": sum(len(read_json(folder / "crops.json")) for folder in parts.crops),
        "R_train": len(read_coco(parts.real / "annotations.json")),
        "cR_train": len(read_json(parts.real_crops / "crops.json")),
    }


def _mean_seam(refined_scenes: list[Path]) -> float:
    """In grey levels per pixel, at the borders of reinserted crops."""
    seams = [read_json(folder / "seams.json")["mean_grey_levels_per_px"] for folder in refined_scenes]
    return float(np.mean(seams))
