"""Opens a trained detector: a detector.pt with torch, or its detector.onnx with onnxruntime."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.detection.data import Detections
from models.detection.onnx_form import FORM, INPUT, OUTPUTS
from tasks.datasets.annotations import TARGETS, Target


@dataclass(frozen=True)
class OpenDetector:
    """`find` takes an image uint8 [height, width, 3] of this size; `threshold`: the score that validation chose.

    `target`: the kind of box it finds, None where its file does not say it.
    """

    height_px: int
    width_px: int
    threshold: float
    find: Callable[[np.ndarray], Detections]
    target: Target | None = None


def open_detector(path: Path) -> OpenDetector:
    """Both kinds compute in float32, whatever the training did. ValueError for a file that holds no detector."""
    return _open_onnx(path) if path.suffix == ".onnx" else _open_checkpoint(path)


def _open_checkpoint(path: Path) -> OpenDetector:
    # Importing torch takes seconds: only who detects something pays for it.
    from models.detection.detecting import find_objects, load_detector
    from models.detection.detector_files import load_detector_file

    state = load_detector_file(path)
    detector = load_detector(state, precision="fp32")

    def find(image_hwc: np.ndarray) -> Detections:
        return find_objects(detector, image_hwc[None], batch_size=1)[0]

    height, width = detector.image_hw
    return OpenDetector(height, width, state["best"]["threshold"], find, _known(state.get("target")))


def _open_onnx(path: Path) -> OpenDetector:
    # A native library, loaded only where it is used.
    import onnxruntime

    try:
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    except Exception as error:  # its own classes of errors have no base but this one
        reason = str(error).splitlines()[0]
        raise ValueError(f"{path} is not a graph that onnxruntime reads ({reason}).") from error

    def find(image_hwc: np.ndarray) -> Detections:
        found: Any = session.run(OUTPUTS, {INPUT: image_hwc[None]})
        return Detections(*found)

    metadata = _read_metadata(path, session.get_modelmeta().custom_metadata_map)
    (name,) = metadata.get("classes") or (None,)
    return OpenDetector(
        metadata["height_px"], metadata["width_px"], metadata["threshold"], find, _known(name)
    )


def _known(name: Any) -> Target | None:
    return next((target for target in TARGETS if target == name), None)


def _read_metadata(path: Path, texts: dict[str, str]) -> dict[str, Any]:
    if texts.get("form") != json.dumps(FORM):
        raise ValueError(
            f"{path} does not say that it is a {FORM}; give one that `python -m flows export-detector` wrote."
        )
    return {name: json.loads(text) for name, text in texts.items()}
