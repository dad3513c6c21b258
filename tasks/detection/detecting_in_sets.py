"""Runs a trained detector over a set of images, in source pixels and with its frozen threshold beside."""

import json
from pathlib import Path

from tasks.building.applied_network import AppliedNetworkConfig
from tasks.building.steps import step
from tasks.formats.detection_sets import read_set


class DetectingConfig(AppliedNetworkConfig):
    """How images pass through the detector."""


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
