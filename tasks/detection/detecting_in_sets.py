"""Runs a trained detector over a set of images, in source pixels and with its frozen threshold beside."""

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from models.arithmetic.precision import settle
from models.configs import DeviceName, Precision
from tasks.building.steps import step
from tasks.formats.detection_sets import read_set


class DetectingConfig(BaseModel):
    """How images pass through the detector."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    batch_size: int = Field(default=8, ge=1)
    threads: int = Field(default=1, ge=1)
    device: DeviceName = "auto"
    precision: Precision = "auto"  # in which the detector is applied, whatever it was trained in

    def settled(self) -> "DetectingConfig":
        """The same with the precision that `auto` is on this machine: another one may find other boxes."""
        return self.model_copy(update={"precision": settle(self.precision, self.device)})


@step("detections", libraries=("torch", "torchvision", "numpy"))
def detect_objects(out: Path, config: DetectingConfig, detector: Path, images: Path) -> None:
    """`detections.json`: name, boxes [k, 4] xyxy in source pixels and scores [k] of every image, best first."""
    # Importing torch takes seconds: only a run that detects something pays for it.
    import torch

    from models.detection.detecting import detect
    from models.training.checkpoints import load_checkpoint

    torch.set_num_threads(config.threads)
    state = load_checkpoint(detector / "detector.pt", kind="detector")
    pixels, records = read_set(images)
    found = detect(
        state, pixels, batch_size=config.batch_size, device=config.device, precision=config.precision
    )
    content = {
        "checkpoint_step": state["best"]["step"],
        "threshold": state["best"]["threshold"],
        "val_f1": state["best"]["f1"],
        "images": [
            {
                "name": record.name,
                "boxes_xyxy": record.to_source(detections.boxes_xyxy).round(3).tolist(),
                "scores": [float(score) for score in detections.scores],
            }
            for record, detections in zip(records, found, strict=True)
        ],
    }
    (out / "detections.json").write_text(json.dumps(content), encoding="utf-8")
