"""Opens a trained segmenter: a segmenter.pt with torch, or its segmenter.onnx with onnxruntime."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.segmentation.onnx_form import FORM, INPUT, OUTPUTS
from tasks.formats.segmenters import TrainedOn, read_trained_on


@dataclass(frozen=True)
class OpenSegmenter:
    """`find` takes an image uint8 [height, width, 3] of this size and gives logits float32 [k, height, width].

    k is the number of classes, or, where classes are levels (`has_levels`), that of the levels above 0.
    """

    height_px: int
    width_px: int
    trained_on: TrainedOn
    has_levels: bool
    find: Callable[[np.ndarray], np.ndarray]


def open_segmenter(path: Path) -> OpenSegmenter:
    """Both kinds compute in float32, whatever the training did. ValueError for a file that holds no segmenter."""
    return _open_onnx(path) if path.suffix == ".onnx" else _open_checkpoint(path)


def _open_checkpoint(path: Path) -> OpenSegmenter:
    # Importing torch takes seconds: only who segments something pays for it.
    import torch

    from models.segmentation.applying import find_logits, load_segmenter
    from models.segmentation.images import load_images
    from models.training.checkpoints import load_checkpoint

    state = load_checkpoint(path, kind="segmenter")
    segmenter = load_segmenter(state, precision="fp32")
    config = segmenter.config

    def find(image_hwc: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return find_logits(segmenter, load_images(image_hwc[None], segmenter.device))[0].cpu().numpy()

    seen = read_trained_on(state, num_classes=config.num_classes, image_hw=segmenter.image_hw)
    return OpenSegmenter(seen.height_px, seen.width_px, seen, config.has_levels, find)


def _open_onnx(path: Path) -> OpenSegmenter:
    # A native library, loaded only where it is used.
    import onnxruntime

    try:
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    except Exception as error:  # its own classes of errors have no base but this one
        reason = str(error).splitlines()[0]
        raise ValueError(f"{path} is not a graph that onnxruntime reads ({reason}).") from error

    def find(image_hwc: np.ndarray) -> np.ndarray:
        (logits,) = session.run([OUTPUTS[1]], {INPUT: image_hwc[None]})
        return np.asarray(logits)[0]

    said = _read_metadata(path, session.get_modelmeta().custom_metadata_map)
    size = said["height_px"], said["width_px"]
    seen = read_trained_on(said, num_classes=said["num_classes"], image_hw=size)
    return OpenSegmenter(*size, seen, said["has_levels"], find)


def _read_metadata(path: Path, texts: dict[str, str]) -> dict[str, Any]:
    if texts.get("form") != json.dumps(FORM):
        raise ValueError(
            f"{path} does not say that it is a {FORM}; give one that `python -m flows export-segmenter` wrote."
        )
    return {name: json.loads(text) for name, text in texts.items()}
