"""A detector as one ONNX graph from the pixels of an image to its boxes, in float32 whatever it was trained in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from models.detection.config import SQUEEZEDETS
from models.detection.detecting import load_detector
from models.detection.networks.grid_detector import GridDetector
from models.detection.onnx_form import FORM, INPUT, OUTPUTS
from models.training.checkpoints import State
from models.training.onnx_files import write_onnx


class PixelsToBoxes(nn.Module):
    """Normalises, predicts, decodes, takes the best and suppresses what they overlap."""

    anchors_cxcywh: Tensor

    def __init__(self, detector: GridDetector) -> None:
        super().__init__()
        self.network = detector.network
        self.detector = detector
        self.register_buffer("anchors_cxcywh", detector.anchors_on_device())

    def forward(self, images_nhwc: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """uint8 [1, h, w, 3] to boxes [k, 4] in its pixels, scores [k], labels int64 [k], best first."""
        prediction = self.detector.run(images_nhwc.permute(0, 3, 1, 2).float() / 255)
        return self.detector.read_out(prediction[0], self.anchors_cxcywh)


def export_onnx(state: State, path: Path, *, notes: Mapping[str, Any]) -> None:
    """Write the best checkpoint in `state` to `path`; the metadata are `describe`'s and `notes`, as JSON values.

    ValueError for a network whose reading out has no ONNX form here.
    """
    detector = load_detector(state, device="cpu", precision="fp32")
    if not isinstance(detector, GridDetector):
        raise ValueError(
            f"network {detector.config.network} cannot be written as ONNX, only {' and '.join(SQUEEZEDETS)}; "
            "use its detector.pt, or train one of these"
        )
    images = torch.zeros(1, *detector.image_hw, 3, dtype=torch.uint8)
    write_onnx(
        PixelsToBoxes(detector),
        path,
        example={INPUT: images},
        outputs=OUTPUTS,
        metadata={**describe(detector, state["best"]), **notes},
    )


def describe(detector: GridDetector, best: Mapping[str, Any]) -> dict[str, Any]:
    """What a program that runs the graph must know, and where it comes from."""
    height, width = detector.image_hw
    return {
        "form": FORM,
        "network": detector.config.network,
        "height_px": height,
        "width_px": width,
        "threshold": best["threshold"],
        "val_f1": best["f1"],
        "checkpoint_step": best["step"],
    }
