"""Trains one detector on one mixture of datasets; its checkpoint and score threshold are chosen on R_val."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from blender_assets.both_sides.child_protocol import Report, serve
from models.configs import from_plain
from models.detection.config import DetectorConfig
from models.detection.data import DetectionSet
from tasks.artifacts.recipe import SourceFiles
from tasks.building.steps import step
from tasks.formats.detection_sets import read_set
from tasks.training.in_a_child import (
    Pace,
    describe_entry,
    resume_point,
    run_training,
    saver,
    training_spec,
    write_result,
)
from tasks.training.start_weights import found
from tasks.training.trainable import Change, Trainable


@dataclass(frozen=True, kw_only=True)
class DetectorRun:
    """One detector with its seed: all that decides its weights beside the images."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    detector: DetectorConfig
    seed: int
    threads: int

    def settled(self) -> "DetectorRun":
        """The same with the precision that `auto` is on this machine."""
        return replace(self, detector=self.detector.settled())


@step("detector", libraries=("torch", "torchvision", "numpy"), is_resumable=True)
def train_detector(
    out: Path, config: DetectorRun, train: list[Path], val: Path, weights: SourceFiles, scratch: Path
) -> None:
    """`detector.pt`, `history.json` and `history.csv`, trained on all sets. Resumes bit for bit after a kill."""
    inputs = {"train": train, "val": val, "weights": weights}
    spec = training_spec(config.detector.settled(), seed=config.seed, out=out, scratch=scratch, **inputs)
    run_training("tasks.training.detector_training", spec, threads=config.threads)


def _each_weights(run: DetectorRun, change: Change) -> DetectorRun:
    detector = run.detector
    return replace(run, detector=replace(detector, weights=change("detector.weights", detector.weights)))


TRAINABLE = Trainable(
    step=train_detector,
    config=DetectorRun,
    inputs={"train": "detection-set", "val": "detection-set"},
    many=("train",),
    each_weights=_each_weights,
)


def load_detection_set(folders: list[Path]) -> DetectionSet:
    """The union of prepared sets, boxes in pixels of the detector's input."""
    pixels, boxes, ignored = [], [], []
    for folder in folders:
        images_nhwc, records = read_set(folder)
        pixels.append(images_nhwc)
        boxes += [record.to_input(np.array(record.boxes_xyxy)) for record in records]
        ignored += [record.to_input(np.array(record.ignore_xyxy)) for record in records]
    images = pixels[0] if len(pixels) == 1 else np.concatenate(pixels)
    return DetectionSet(images, boxes, ignored)


def _train(spec: dict[str, Any], report_progress: Report) -> None:
    import torch

    from models.detection.training import train_detector as train

    torch.set_num_threads(spec["threads"])
    scratch, pace = Path(spec["scratch"]), Pace()
    config = from_plain(DetectorConfig, spec["config"])
    config = replace(config, weights=found(config.weights, spec["weights"]))
    state = train(
        config,
        load_detection_set([Path(folder) for folder in spec["train"]]),
        load_detection_set([Path(spec["val"])]),
        seed=spec["seed"],
        resume=resume_point(scratch, kind="detector", config=config),
        save=saver(scratch),
        report=lambda entry: report_progress(entry["step"], entry["total_steps"], _note(entry, pace)),
    )
    write_result(Path(spec["out"]), "detector", state | {"config": spec["config"]})


def _note(entry: dict[str, Any], pace: Pace) -> str:
    return describe_entry(entry, pace, validated="val_f1", title="F1")


if __name__ == "__main__":
    serve(_train)
