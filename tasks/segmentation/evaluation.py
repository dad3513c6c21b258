"""Scores segmenters on R_test by mean IoU, and says, with intervals, whether one arm beats another."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from models.judging.measures import Measure, find_measure, read_measure
from models.judging.sufficient_statistics import class_statistics
from models.segmentation.evaluation import confusion_matrices
from tasks.building.steps import step
from tasks.formats.label_maps import LabelMapSet, read_label_maps
from tasks.scoring.arms import score_arms
from tasks.scoring.records import Counted
from tasks.segmentation.parts import compare_parts, condition_parts, distance_parts, score_part

MAIN = find_measure("mean_iou")
SHOWN = (MAIN, *map(find_measure, ("pixel_accuracy", "class_accuracy", "frequency_weighted_iou")))
DISTANCE_EDGES_M = (10.0, 20.0, 40.0)


class SegmentArmsConfig(BaseModel):
    """Arms and seeds of the predictions, which come arm by arm, seed by seed, and which arms are compared."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    arms: tuple[str, ...]
    seeds: tuple[int, ...]
    pairs: tuple[tuple[str, str], ...]  # (arm, baseline)
    # metres from the camera at which bands of distance meet; the last has no end
    distance_edges_m: tuple[float, ...] = DISTANCE_EDGES_M


@step("segment-evaluation", libraries=("numpy",))
def evaluate_segmenters(
    out: Path, config: SegmentArmsConfig, segmentations: list[Path], images: Path
) -> None:
    """`evaluation.json`: the scores of every arm and seed, and the compared pairs, also by class, by condition and, where
    depth is known, by distance. `statistics.json`: what was counted in every image. `confusion.json`: pixels [C, C] of every
    arm over all images and seeds, rows true, and the classes' names.
    """
    data = read_label_maps(images)
    assert data.labels is not None and data.table is not None, "only images with label maps are scored"
    names = data.table.class_names()
    predicted = [np.load(folder / "labels.npy", mmap_mode="r") for folder in segmentations]
    confusions = _by_arm(
        config, [confusion_matrices(data.labels, maps, num_classes=len(names)) for maps in predicted]
    )
    counted = _count(config, confusions, data)
    classes = [_class_measure(index, name) for index, name in enumerate(names)]
    result = score_arms(counted, main=MAIN, shown=SHOWN, pairs=config.pairs)
    result["classes"] = _class_rows(counted, classes)
    result["conditions"] = _condition_rows(config, counted, data)
    bands = distance_parts(_by_arm(config, predicted), data, counted.clips, config.distance_edges_m)
    result["distances"] = [score_part(part, MAIN) for part in bands]
    chosen = _by_arm(config, [_read(folder / "chosen.json") for folder in segmentations])
    result["scores"] = [_with_choice(row, chosen[row["arm"]]) for row in result["scores"]]
    (out / "evaluation.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    (out / "statistics.json").write_text(json.dumps(counted.record()), encoding="utf-8")
    total = {arm: np.sum(items, axis=(0, 1)).tolist() for arm, items in confusions.items()}
    (out / "confusion.json").write_text(json.dumps({"classes": names, "arms": total}), encoding="utf-8")


def _by_arm(config: SegmentArmsConfig, items: list[Any]) -> dict[str, list[Any]]:
    count = len(config.seeds)
    return {arm: items[count * index : count * (index + 1)] for index, arm in enumerate(config.arms)}


def _count(config: SegmentArmsConfig, confusions: dict[str, list[np.ndarray]], data: LabelMapSet) -> Counted:
    assert data.labels is not None
    return Counted(
        images=tuple(record.name for record in data.records),
        clips=tuple(record.sequence or record.name for record in data.records),
        truths=tuple(hashlib.sha256(labels.tobytes()).hexdigest() for labels in data.labels),
        seeds=config.seeds,
        arms={arm: class_statistics(np.stack(items)) for arm, items in confusions.items()},
        conditions={},
    )


def _class_measure(index: int, name: str) -> Measure:
    return read_measure({"name": f"class_iou:{index}", "title": f"IoU of {name}"})


def _class_rows(counted: Counted, classes: list[Measure]) -> list[dict[str, Any]]:
    """IoU of every class by arm, means over seeds; None where the class is neither annotated nor predicted."""
    rows = []
    for measure in classes:
        values = {arm: float(np.mean(measure.by_seed(found))) for arm, found in counted.arms.items()}
        known = {arm: value if np.isfinite(value) else None for arm, value in values.items()}
        rows.append({"name": measure.title.removeprefix("IoU of "), "iou": known})
    return rows


def _condition_rows(config: SegmentArmsConfig, counted: Counted, data: LabelMapSet) -> list[dict[str, Any]]:
    """Scores by arm over the images of each condition, and the compared pairs; none where there is one only."""
    parts = condition_parts(counted, [record.condition for record in data.records])
    compared = compare_parts(parts, config.pairs, MAIN)
    return [
        score_part(part, MAIN) | {"comparisons": judged} for part, judged in zip(parts, compared, strict=True)
    ]


def _with_choice(row: dict[str, Any], chosen: list[dict[str, Any]]) -> dict[str, Any]:
    """An arm's scores with what was reached on R_val by the checkpoints that it chose."""
    seeds = [
        score | {"checkpoint_step": item["step"], "val_mean_iou": item["mean_iou"]}
        for score, item in zip(row["seeds"], chosen, strict=True)
    ]
    return row | {"seeds": seeds, "val_mean_iou": float(np.mean([item["mean_iou"] for item in chosen]))}


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
