"""Scores what a cycle adds to a segmenter: reconstructions, noise, watermarks, and mIoU with void as a class."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from models.judging.measures import find_measure
from models.judging.sufficient_statistics import class_statistics, value_statistics
from models.segmentation.evaluation import confusion_matrices
from tasks.building.steps import step
from tasks.class_tables.table import IGNORED
from tasks.formats.label_maps import LabelMapSet, read_label_maps
from tasks.scoring.arms import score_arms
from tasks.scoring.records import Counted

PSNR = find_measure("psnr")
MEAN_IOU = find_measure("mean_iou")
FIGURES = ("psnr_db", "snr_db", "saturated_share", "probe_drop_db")  # of every image, as outputs have them


class CycleArmsConfig(BaseModel):
    """Arms and seeds of the outputs, which come arm by arm, seed by seed; and whose reconstructions are compared."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    arms: tuple[str, ...]
    seeds: tuple[int, ...]
    cycles: tuple[str, ...]  # those of the arms that give images back
    pairs: tuple[tuple[str, str], ...]  # (arm, baseline) of these


@step("cycle-evaluation", libraries=("numpy",))
def evaluate_cycles(out: Path, config: CycleArmsConfig, outputs: list[Path], images: Path) -> None:
    """`figures.json`: of every arm mIoU with void as a class, and of those with a cycle means of `FIGURES`; each also by
    seed. `reconstruction.json`: an evaluation as others are, whose measure is PSNR (equation 14); null without a cycle.
    """
    data = read_label_maps(images)
    by_arm = _by_arm(config, outputs)
    with_void = {arm: _void_ious(folders, data) for arm, folders in by_arm.items()}
    found = {arm: [_figures(folder) for folder in by_arm[arm]] for arm in config.cycles}
    figures = {
        arm: {"mean_iou_with_void": _over_seeds(with_void[arm])} | _means(found.get(arm, []))
        for arm in config.arms
    }
    (out / "figures.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    reconstruction = _score_reconstructions(config, found, data) if found else None
    (out / "reconstruction.json").write_text(json.dumps(reconstruction, indent=1), encoding="utf-8")


def _void_ious(folders: list[Path], data: LabelMapSet) -> list[float]:
    """Of each seed, with the pixels that are not annotated as a class of their own, the last."""
    assert data.labels is not None and data.table is not None
    void = data.table.num_classes
    truth = _void_as_class(np.asarray(data.labels), void)
    confusions = [
        confusion_matrices(
            truth, _void_as_class(np.load(folder / "labels_with_void.npy"), void), num_classes=void + 1
        )
        for folder in folders
    ]
    return [float(MEAN_IOU.by_seed(class_statistics(each)[None])[0]) for each in confusions]


def _void_as_class(labels_nhw: np.ndarray, void: int) -> np.ndarray:
    return np.where(labels_nhw == IGNORED, void, labels_nhw).astype(np.uint8)


def _figures(folder: Path) -> dict[str, list[float]]:
    return json.loads((folder / "figures.json").read_text(encoding="utf-8"))


def _means(seeds: list[dict[str, list[float]]]) -> dict[str, Any]:
    """Of every figure over images, then over seeds; none where an image has no such value, as the SNR of no noise."""
    names = [name for name in FIGURES if seeds and all(None not in each[name] for each in seeds)]
    return {name: _over_seeds([float(np.mean(each[name])) for each in seeds]) for name in names}


def _over_seeds(values: list[float]) -> dict[str, Any]:
    return {"mean": float(np.mean(values)), "seeds": values}


def _score_reconstructions(
    config: CycleArmsConfig, found: dict[str, list[dict[str, list[float]]]], data: LabelMapSet
) -> dict[str, Any]:
    counted = Counted(
        images=tuple(record.name for record in data.records),
        clips=tuple(record.sequence or record.name for record in data.records),
        truths=tuple(record.name for record in data.records),
        seeds=config.seeds,
        arms={
            arm: value_statistics(np.array([each["psnr_db"] for each in seeds]))
            for arm, seeds in found.items()
        },
        conditions={},
    )
    return score_arms(counted, main=PSNR, shown=(PSNR,), pairs=config.pairs)


def _by_arm(config: CycleArmsConfig, folders: list[Path]) -> dict[str, list[Path]]:
    count = len(config.seeds)
    return {arm: folders[count * index : count * (index + 1)] for index, arm in enumerate(config.arms)}
