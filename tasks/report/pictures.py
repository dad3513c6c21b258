"""The pictures of a report: scenes, crops, detections, and where detectors err most."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from models.detection.scoring.metrics import match_image
from tasks.datasets.annotations import Target, read_coco
from tasks.formats.detection_sets import SetImage, read_set
from tasks.images.files import read_image
from tasks.report import panels
from tasks.report.gallery import gallery
from tasks.report.label_section import label_rows
from tasks.report.parts import ReportConfig, ReportParts, by_arm, read_json

_SCENES, _CROPS, _TEST_IMAGES, _MOMENTS = 3, 8, 3, 4
_SAMPLES = "from top to bottom: cS, cS+, attention where the refiner has any, cR_train"


def draw_pictures(config: ReportConfig, parts: ReportParts, content: dict[str, Any]) -> dict[str, Any]:
    """By the places on the page that they are for; `content` is all else that the page shows."""
    samples = read_image(parts.measures / "samples.png")
    return {
        "scenes": _scene_rows(parts.scenes, parts.refined_scenes, config.target),
        "gallery": {title: [asdict(item) for item in row] for title, row in gallery(parts.scenes).items()},
        "refiner_course": [asdict(item) for item in _course(parts.refiner / "samples")],
        "crop_pairs": _first(parts.crops, parts.refined_crops),
        "refiner_samples": asdict(panels.picture(samples, _SAMPLES)),
        "real_crops": [asdict(item) for item in panels.crop_samples(parts.real_crops, 10)],
        "real": [asdict(item) for item in panels.real_samples(parts.real, config.target, 3)],
        "detections": _detection_rows(parts.detections, parts.test, config),
        "worst": _worst_rows(content["breakdown"], parts.detections, parts.test, config),
        "labels": label_rows(content["label_check"], parts.test),
    }


def _course(samples: Path) -> list[panels.Picture]:
    """The pictures of fixed samples from evenly chosen moments of the training, the last one among them."""
    paths = sorted(samples.glob("*.png"))
    chosen = np.unique(np.linspace(0, len(paths) - 1, _MOMENTS).astype(int)) if paths else []
    return [panels.picture(read_image(paths[index]), f"step {int(paths[index].stem)}") for index in chosen]


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
    firsts = [folders[0] for folders in by_arm(config, detections).values()]
    found = [read_json(folder / "detections.json") for folder in firsts]
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
    for arm, folders in by_arm(config, detections).items():
        content = read_json(folders[0] / "detections.json")
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
