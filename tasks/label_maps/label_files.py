"""The values of label images as they are stored: indices without their palette, and colours where there are some."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from tasks.images.files import bits_a_channel, opened_image

LABEL_SUFFIXES = (".png", ".bmp", ".tif", ".tiff", ".gif")
_INDEXED = ("1", "L", "P", "I;16", "I;16B", "I", "LA", "PA")
_COLORED = ("RGB", "RGBA")
# Pillow stretches grey of 2 and 4 bits to 0..255.
_STRETCH = {2: 85, 4: 17}


@dataclass(frozen=True)
class LabelPixels:
    """`indices` uint8 or uint16 [h, w], `colors` uint8 [h, w, 3] RGB: one of them, or both of an image with a palette."""

    indices: np.ndarray | None
    colors: np.ndarray | None


def read_label_pixels(path: Path) -> LabelPixels:
    """The values of a label image. ValueError in one line where they may not be what was written."""
    _check_suffix(path)
    with opened_image(path) as image:
        mode, bits = image.mode, bits_a_channel(path, image)
        alpha = np.asarray(image.getchannel("A")) if mode in ("RGBA", "LA", "PA") else None
        pixels = _pixels(image)
    if mode not in (*_INDEXED, *_COLORED):
        raise ValueError(
            f"{path} has the colour mode {mode}, but label maps are grey, with a palette or RGB; save it as an 8-bit PNG"
        )
    if bits > 8 and pixels.indices is None:
        raise ValueError(f"{path} has {bits} bits a colour, but 8 are read; save it as an 8-bit PNG")
    if alpha is not None and int(alpha.min()) < 255:
        raise ValueError(
            f"{path} is transparent in {int((alpha < 255).sum())} pixels, whose class is not known; give them the ignored "
            "class's value, and save it without transparency"
        )
    return LabelPixels(_as_stored(pixels.indices, mode, bits, path), pixels.colors)


def stored_size(path: Path) -> tuple[int, int]:
    """(width, height) by the header of an image or label map."""
    with opened_image(path) as image:
        size = image.size
    return size


def _check_suffix(path: Path) -> None:
    if path.suffix.lower() not in LABEL_SUFFIXES:
        raise ValueError(
            f"{path} is a label map of the kind {path.suffix}, but PNG is needed: JPEG and the like change values at edges; "
            "export the label maps again as PNG"
        )


def _pixels(image: Image.Image) -> LabelPixels:
    if image.mode in _COLORED:
        return LabelPixels(None, np.asarray(image)[..., :3])
    if image.mode in ("P", "PA"):
        indices = np.asarray(image if image.mode == "P" else image.getchannel(0))
        return LabelPixels(indices, np.asarray(image.convert("RGB")))
    values = np.asarray(image)
    return LabelPixels(values[..., 0] if image.mode == "LA" else values, None)


def _as_stored(indices: np.ndarray | None, mode: str, bits: int, path: Path) -> np.ndarray | None:
    if indices is None or mode == "P":
        return indices
    if mode == "L" and path.suffix.lower() == ".png" and bits in _STRETCH:
        return indices // np.uint8(_STRETCH[bits])
    if indices.dtype == np.int32:
        if int(indices.min()) < 0 or int(indices.max()) > np.iinfo(np.uint16).max:
            raise ValueError(
                f"{path} has values from {indices.min()} to {indices.max()}, but ids from 0 to 65535 are read; save it "
                "as an 8-bit PNG"
            )
        return indices.astype(np.uint16)
    return indices.astype(np.uint16) if indices.dtype.itemsize == 2 else indices.astype(np.uint8)
