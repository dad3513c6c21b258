"""The files of one photo of a street, and the record that says what they show."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from blender_assets.lens.camera import Camera
from blender_assets.sample_street.classes import THINGS, StreetClass

CENTIMETRES, FARTHEST_CM = 100, 65535
FOLDERS = {"image": "images", "labels": "labels", "instances": "instances", "depth": "depth"}


@dataclass(frozen=True)
class FrameMaps:
    """What a frame shows at every time of day, each [h, w].

    labels uint8: train ids; instances uint16: 0, or the number of a thing, the same through a sequence; depth_cm
    uint16: centimetres along the camera's axis, 0 for the sky.
    """

    labels: NDArray[np.uint8]
    instances: NDArray[np.uint16]
    depth_cm: NDArray[np.uint16]


def make_maps(
    numbers: NDArray[np.int32], depth_m: NDArray[np.float32], classes: list[StreetClass], first_thing: int
) -> FrameMaps:
    """From the numbers of objects [h, w]; classes [n] by number, things from first_thing on."""
    codes = np.array([int(kind) for kind in classes], dtype=np.uint8)
    assert all(kind in THINGS for kind in classes[first_thing:])
    depth_cm = np.where(np.isfinite(depth_m), np.clip(np.round(depth_m * CENTIMETRES), 1, FARTHEST_CM), 0)
    return FrameMaps(
        labels=codes[numbers],
        instances=np.maximum(numbers - first_thing + 1, 0).astype(np.uint16),
        depth_cm=depth_cm.astype(np.uint16),
    )


def file_names(name: str) -> dict[str, str]:
    """By what they hold; all have the photo's name, each in a folder of its own."""
    return {key: f"{folder}/{name}.{'jpg' if key == 'image' else 'png'}" for key, folder in FOLDERS.items()}


def write_files(out: Path, name: str, jpeg: bytes, maps: FrameMaps) -> None:
    files = file_names(name)
    (out / files["image"]).write_bytes(jpeg)
    for key, values in (("labels", maps.labels), ("instances", maps.instances), ("depth", maps.depth_cm)):
        is_encoded, coded = cv2.imencode(".png", values)
        assert is_encoded
        (out / files[key]).write_bytes(coded.tobytes())


def describe_things(maps: FrameMaps) -> list[dict[str, Any]]:
    """Number, class, pixels, box (x0, y0, x1, y1; ends excluded) and nearest distance of each thing that is seen."""
    things = []
    for number in np.unique(maps.instances[maps.instances > 0]):
        rows, columns = np.nonzero(maps.instances == number)
        things.append(
            {
                "number": int(number),
                "class": StreetClass(int(maps.labels[rows[0], columns[0]])).name.lower(),
                "pixels": len(rows),
                "box_xyxy": [
                    int(columns.min()),
                    int(rows.min()),
                    int(columns.max()) + 1,
                    int(rows.max()) + 1,
                ],
                "nearest_m": float(maps.depth_cm[rows, columns].min()) / CENTIMETRES,
            }
        )
    return things


def describe_camera(camera: Camera, pose: np.ndarray) -> dict[str, Any]:
    """A pinhole's numbers, and its pose [4, 4] in the world of the sequence (right, up, backward)."""
    axes = camera.lens.axes(camera.width_px, camera.height_px)  # pyright: ignore[reportAttributeAccessIssue]
    return {
        "fx_px": axes.fx,
        "fy_px": axes.fy,
        "cx_px": axes.cx,
        "cy_px": axes.cy,
        "height_m": camera.height_m,
        "tilt_deg": camera.tilt_deg,
        "pose": [[round(float(value), 6) for value in row] for row in pose],
    }
