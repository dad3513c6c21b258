"""Between 8 bits in sRGB and linear light, by tables: images are large."""

import numpy as np
from numpy.typing import NDArray

_STEPS = 2**16 - 1
_DARKEST_CURVED = 0.0031308


def _decoding() -> NDArray[np.float32]:
    value = np.arange(256) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4).astype(np.float32)


def _encoding() -> NDArray[np.uint8]:
    linear = np.arange(_STEPS + 1) / _STEPS
    curved = 1.055 * np.maximum(linear, _DARKEST_CURVED) ** (1 / 2.4) - 0.055
    return np.rint(255 * np.where(linear <= _DARKEST_CURVED, 12.92 * linear, curved)).astype(np.uint8)


_LINEAR, _ENCODED = _decoding(), _encoding()


def to_linear(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """8 bits -> 0..1 (IEC 61966-2-1)."""
    return _LINEAR[image]


def from_linear(linear: NDArray[np.float32]) -> NDArray[np.uint8]:
    """0..1 -> 8 bits, each step of 1/65535 rounded to the nearest."""
    return _ENCODED[np.rint(np.clip(linear, 0, 1) * _STEPS).astype(np.uint16)]
