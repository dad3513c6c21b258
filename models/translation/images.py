"""Images as the networks see them: uint8 nhwc arrays at the door, floats bchw in -1..1 inside."""

import numpy as np
import torch
from torch import Tensor

from models.configs import require

SMALLEST_SIDE_PX = 32  # a smaller image leaves the discriminator without a single patch


def check_images(name: str, images_nhwc: np.ndarray, channels: int = 3) -> None:
    """ValueError unless `images_nhwc` is uint8 [n, h, w, channels], n >= 1, h and w multiples of 4 and >= 32."""
    shape, dtype = images_nhwc.shape, images_nhwc.dtype
    require(
        images_nhwc.ndim == 4 and shape[-1] == channels and dtype == np.uint8,
        f"The {name} images must be uint8 [n, height, width, {channels}], but were {dtype} {list(shape)}.",
    )
    require(shape[0] >= 1, f"There are no {name} images; at least one is needed.")
    check_size(name, height=shape[1], width=shape[2])


def check_size(name: str, *, height: int, width: int) -> None:
    """ValueError unless both sides, in pixels, are multiples of 4 and >= 32."""
    require(
        height % 4 == 0 and width % 4 == 0,
        f"The {name} images are {width} x {height} px, but width and height must be multiples of 4 "
        f"(the generator halves them twice); crop to {width // 4 * 4} x {height // 4 * 4}.",
    )
    require(
        min(height, width) >= SMALLEST_SIDE_PX,
        f"The {name} images are {width} x {height} px, but both sides must be >= {SMALLEST_SIDE_PX} px; "
        "take larger ones.",
    )


def to_floats(images_bchw: Tensor) -> Tensor:
    """uint8 0..255 to float32 -1..1; floats are there already."""
    return images_bchw.float() / 127.5 - 1 if images_bchw.dtype == torch.uint8 else images_bchw.float()


def to_bytes(images_bchw: Tensor) -> Tensor:
    """Floats -1..1 to uint8 0..255, rounded; the inverse of `to_floats`."""
    return ((images_bchw.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
