"""Reads what Blender wrote: the passes of a multilayer EXR, and which object covers most of each pixel."""

import json
from pathlib import Path

import numpy as np
import OpenEXR
from numpy.typing import NDArray

_OBJECTS = "CryptoObject00"


def read_passes(path: Path) -> dict[str, NDArray[np.float32]]:
    """Every channel [h, w] by its name without that of the view layer, e.g. Combined.R or Depth.Z."""
    with OpenEXR.File(str(path), separate_channels=True) as file:
        channels = file.channels().items()
        return {name.removeprefix("ViewLayer."): np.array(channel.pixels) for name, channel in channels}


def read_object_labels(
    path: Path, passes: dict[str, NDArray[np.float32]], numbers: dict[str, int]
) -> NDArray[np.int32]:
    """[h, w] the number of the object that covers most of a pixel; 0 for nothing and for objects without a number.

    Cryptomatte (Friedman and Jones, 2015): each pixel lists its two largest coverages with hashes of objects' names. The
    object index pass would tell what one random point within 0.75 px saw instead.
    """
    first, second = (passes[f"{_OBJECTS}.{channel}"] for channel in "ga")
    is_something = first > 1 - first - second
    hashes = np.ascontiguousarray(passes[f"{_OBJECTS}.r"]).view(np.uint32)
    labels = np.zeros(hashes.shape, dtype=np.int32)
    for name, code in _manifest(path).items():
        if name in numbers:
            labels[is_something & (hashes == int(code, 16))] = numbers[name]
    return labels


def _manifest(path: Path) -> dict[str, str]:
    """Object name -> hash in hexadecimal."""
    with OpenEXR.File(str(path), separate_channels=True) as file:
        texts = [text for key, text in file.header().items() if key.endswith("/manifest")]
    return json.loads(texts[0]) if texts else {}
