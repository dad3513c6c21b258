"""The part of the report that depends on artifacts alone: tables, curves and pictures, as an artifact itself."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from models.detection.scoring.metrics import match_image
from tasks.building import progress
from tasks.building.steps import step
from tasks.datasets.annotations import Target, read_coco
from tasks.formats.detection_sets import SetImage, read_set
from tasks.images.files import read_image
from tasks.report import panels, plots
from tasks.report.gallery import gallery
from tasks.report.label_section import label_rows
from tasks.report.refiner_section import refiner_section
from tasks.scoring.records import main_measure

_SCENES, _CROPS, _TEST_IMAGES, _MOMENTS = 3, 8, 3, 4


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


@step("report", libraries=("plotly", "numpy", "opencv-python-headless"))
def write_report(
    out: Path,
    config: ReportConfig,
    *,
    scenes: list[Path],
    crops: list[Path],
    refined_crops: list[Path],
    refined_scenes: list[Path],
    real: Path,
    leaks: Path,
    real_crops: Path,
    refiner: Path,
    measures: Path,
    detectors: list[Path],
    detections: list[Path],
    evaluation: Path,
    label_check: Path,
    test: Path,
) -> None:
    """`content.json`: everything that the page shows but timings and what was reused, which belong to a run."""
    histories = _by_arm(config, [_read(folder / "history.json") for folder in detectors])
    result = _read(evaluation / "evaluation.json")
    curves = _read(evaluation / "curves.json")
    breakdown = _read(evaluation / "breakdown.json")
    labels = _read(label_check / "label_check.json")
    observations = _read(refiner / "observations.json")
    content = {
        "config": config.model_dump(mode="json"),
        "evaluation": result,
        "breakdown": breakdown,
        "leaks": _read(leaks / "leaks.json"),
        "label_check": labels,
        "sizes": _sizes(scenes, crops, real, real_crops),
        "refiner": refiner_section(
            _read(measures / "measures.json"),
            _read(measures / "pca.json"),
            observations,
            seam=_mean_seam(refined_scenes),
        ),
        "plots": {
            "scores": plots.scores_by_arm(result),
            "precision_recall": plots.precision_over_recall(curves),
            "f1_threshold": plots.f1_over_threshold(curves),
            "refiner_losses": plots.refiner_losses(_read(refiner / "history.json")),
            "refiner_distances": plots.refiner_distances(observations),
            "validation": plots.validation_scores(histories, main_measure(result)),
            "detector_losses": plots.detector_losses(histories),
        },
    }
    progress.report(1, 2)
    content["pictures"] = {
        "scenes": _scene_rows(scenes, refined_scenes, config.target),
        "gallery": {title: [asdict(item) for item in row] for title, row in gallery(scenes).items()},
        "refiner_course": [asdict(item) for item in _course(refiner / "samples")],
        "crop_pairs": _first(crops, refined_crops),
        "refiner_samples": asdict(
            panels.picture(
                read_image(measures / "samples.png"),
                "from top to bottom: cS, cS+, attention where the refiner has any, cR_train",
            )
        ),
        "real_crops": [asdict(item) for item in panels.crop_samples(real_crops, 10)],
        "real": [asdict(item) for item in panels.real_samples(real, config.target, 3)],
        "detections": _detection_rows(detections, test, config),
        "worst": _worst_rows(breakdown, detections, test, config),
        "labels": label_rows(labels, test),
    }
    (out / "content.json").write_text(json.dumps(content), encoding="utf-8")
    progress.report(2, 2)


def _by_arm(config: ReportConfig, items: list[Any]) -> dict[str, list[Any]]:
    """What comes arm by arm and seed by seed, a list an arm."""
    count = len(config.seeds)
    return {arm: items[count * index : count * (index + 1)] for index, arm in enumerate(config.arms)}


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _sizes(scenes: list[Path], crops: list[Path], real: Path, real_crops: Path) -> dict[str, int]:
    return {
        "S": sum(len(read_coco(folder / "annotations.json")) for folder in scenes),
        "cS": sum(len(_read(folder / "crops.json")) for folder in crops),
        "R_train": len(read_coco(real / "annotations.json")),
        "cR_train": len(_read(real_crops / "crops.json")),
    }


def _course(samples: Path) -> list[panels.Picture]:
    """The pictures of fixed samples from evenly chosen moments of the training, the last one among them."""
    paths = sorted(samples.glob("*.png"))
    chosen = np.unique(np.linspace(0, len(paths) - 1, _MOMENTS).astype(int)) if paths else []
    return [panels.picture(read_image(paths[index]), f"step {int(paths[index].stem)}") for index in chosen]


def _mean_seam(refined_scenes: list[Path]) -> float:
    """In grey levels per pixel, at the borders of reinserted crops."""
    seams = [_read(folder / "seams.json")["mean_grey_levels_per_px"] for folder in refined_scenes]
    return float(np.mean(seams))


def _scene_rows(scenes: list[Path], refined: list[Path], target: Target) -> list[list[dict[str, Any]]]:
    """The most populated scene of evenly chosen shards."""
    rows = []
    for index in np.unique(np.linspace(0, len(scenes) - 1, _SCENES).astype(int)):
        images = read_coco(scenes[index] / "annotations.json")
        image = max(images, key=lambda item: len(item.boxes(target)))
        row = panels.scene_row(scenes[index], refined[index], image, target)
        rows.append([asdict(item) for item in row])
    return rows


def _first(crops: list[Path], refined: list[Path]) -> list[dict[str, Any]]:
    """Crop pairs from evenly chosen shards."""
    chosen = np.unique(np.linspace(0, len(crops) - 1, _CROPS).astype(int))
    per_shard = -(-_CROPS // len(chosen))
    pairs = [pair for index in chosen for pair in panels.crop_pairs(crops[index], refined[index], per_shard)]
    return [asdict(pair) for pair in pairs[:_CROPS]]


def _detection_rows(detections: list[Path], test: Path, config: ReportConfig) -> list[list[dict[str, Any]]]:
    """A few test images, each with what every arm's first detector finds at its frozen threshold."""
    pixels, records = read_set(test)
    firsts = [folders[0] for folders in _by_arm(config, detections).values()]
    found = [_read(folder / "detections.json") for folder in firsts]
    rows = []
    for index in np.unique(np.linspace(0, len(records) - 1, _TEST_IMAGES).astype(int)):
        image = np.asarray(pixels[index])
        row = [
            asdict(_detection_picture(image, records[index], content, index, config.iou, f"trained on {arm}"))
            for arm, content in zip(config.arms, found, strict=True)
        ]
        rows.append(row)
    return rows


def _worst_rows(
    breakdown: dict[str, Any], detections: list[Path], test: Path, config: ReportConfig
) -> dict[str, list[dict[str, Any]]]:
    """The images in which each arm's detectors err most, with what its first detector finds."""
    pixels, records = read_set(test)
    rows = {}
    for arm, folders in _by_arm(config, detections).items():
        content = _read(folders[0] / "detections.json")
        rows[arm] = [
            asdict(
                _detection_picture(
                    np.asarray(pixels[index]), records[index], content, index, config.iou, records[index].name
                )
            )
            for index in breakdown[arm]["worst"]
        ]
    return rows


def _detection_picture(
    image: np.ndarray, record: SetImage, content: dict[str, Any], index: int, iou: float, caption: str
) -> panels.Picture:
    entry = content["images"][index]
    boxes = np.array(entry["boxes_xyxy"], np.float32).reshape(-1, 4)
    kept = boxes[np.array(entry["scores"]) >= content["threshold"]]
    truth = np.array(record.boxes_xyxy, np.float32).reshape(-1, 4)
    ignored = np.array(record.ignore_xyxy, np.float32).reshape(-1, 4)
    outcome = match_image(kept, truth, ignored, iou_threshold=iou)
    shown = outcome >= 0
    return panels.detection_picture(
        image, record.to_input(truth), record.to_input(kept[shown]), outcome[shown] == 1, caption
    )
