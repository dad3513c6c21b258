"""A segmenter as one ONNX graph from the pixels of an image to its labels, in float32 whatever it was trained in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from models.segmentation.applying import Segmenter, find_logits, load_segmenter, read_labels
from models.segmentation.onnx_form import FORM, INPUT, OUTPUTS
from models.training.checkpoints import State
from models.training.onnx_files import write_onnx


class PixelsToLabels(nn.Module):
    """Normalises, predicts and takes the likeliest class, or counts levels."""

    def __init__(self, segmenter: Segmenter) -> None:
        super().__init__()
        self.network = segmenter.network
        self.segmenter = segmenter

    def forward(self, images_nhwc: Tensor) -> tuple[Tensor, Tensor]:
        """uint8 [1, h, w, 3] to labels uint8 [1, h, w] and logits float32 [1, k, h, w]."""
        logits = find_logits(self.segmenter, images_nhwc.permute(0, 3, 1, 2))
        return read_labels(logits, self.segmenter.config), logits


def export_onnx(
    state: State, path: Path, *, notes: Mapping[str, Any], image_hw: tuple[int, int] | None = None
) -> None:
    """Write the best checkpoint in `state` to `path`, for images of this size, or of the training's crops.

    The metadata are `describe`'s and `notes` (class names, for instance), as JSON values.
    """
    segmenter = load_segmenter(state, device="cpu", precision="fp32")
    size = segmenter.image_hw if image_hw is None else image_hw
    write_onnx(
        PixelsToLabels(segmenter),
        path,
        example={INPUT: torch.zeros(1, *size, 3, dtype=torch.uint8)},
        outputs=OUTPUTS,
        metadata={**describe(segmenter, state["best"], image_hw=size), **notes},
    )


def describe(segmenter: Segmenter, best: Mapping[str, Any], *, image_hw: tuple[int, int]) -> dict[str, Any]:
    """What a program that runs the graph must know, and where it comes from."""
    return {
        "form": FORM,
        "network": segmenter.config.network,
        "height_px": image_hw[0],
        "width_px": image_hw[1],
        "num_classes": segmenter.config.num_classes,
        "has_levels": segmenter.config.has_levels,
        "val_mean_iou": best["mean_iou"],
        "checkpoint_step": best["step"],
    }
