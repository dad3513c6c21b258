"""Crops as the networks see them: uint8 nhwc arrays at the door, floats bchw in -1..1 inside."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from models.configs import require
from models.randomness import sample_indices, stream_rng
from models.translation.config import RefinerConfig

SMALLEST_SIDE_PX = 32  # a smaller crop leaves the discriminator without a single patch


def check_images(name: str, images_nhwc: np.ndarray) -> None:
    """ValueError unless `images_nhwc` is uint8 [n, h, w, 3], n >= 1, h and w multiples of 4 and >= 32."""
    shape, dtype = images_nhwc.shape, images_nhwc.dtype
    require(
        images_nhwc.ndim == 4 and shape[-1] == 3 and dtype == np.uint8,
        f"The {name} crops must be uint8 [n, height, width, 3], but were {dtype} {list(shape)}.",
    )
    require(shape[0] >= 1, f"There are no {name} crops; at least one is needed.")
    require(
        shape[1] % 4 == 0 and shape[2] % 4 == 0,
        f"The {name} crops are {shape[2]} x {shape[1]} px, but width and height must be multiples of 4 "
        f"(the generator halves them twice); crop to {shape[2] // 4 * 4} x {shape[1] // 4 * 4}.",
    )
    require(
        min(shape[1], shape[2]) >= SMALLEST_SIDE_PX,
        f"The {name} crops are {shape[2]} x {shape[1]} px, but both sides must be >= {SMALLEST_SIDE_PX} px; "
        "take larger crops.",
    )


def to_floats(images_bchw: Tensor) -> Tensor:
    """uint8 0..255 to float32 -1..1."""
    return images_bchw.float() / 127.5 - 1


def to_bytes(images_bchw: Tensor) -> Tensor:
    """Floats -1..1 to uint8 0..255, rounded; the inverse of `to_floats`."""
    return ((images_bchw.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)


def load_domains(
    synthetic_nhwc: np.ndarray, real_nhwc: np.ndarray, *, batch_size: int, device: torch.device
) -> dict[str, Tensor]:
    """Both sets on the device as uint8 bchw, once; ValueError if their sizes differ or a batch cannot be
    filled.
    """
    for name, images in (("synthetic", synthetic_nhwc), ("real", real_nhwc)):
        check_images(name, images)
        require(
            len(images) >= batch_size,
            f"There are {len(images)} {name} crops, but batch_size is {batch_size}; "
            "lower batch_size or add crops.",
        )
    sizes = [f"{images.shape[2]} x {images.shape[1]} px" for images in (synthetic_nhwc, real_nhwc)]
    require(
        sizes[0] == sizes[1],
        f"The synthetic crops are {sizes[0]} and the real ones {sizes[1]}; crop both to one size.",
    )
    return {
        "real_a": _to_device(synthetic_nhwc, device),
        "real_b": _to_device(real_nhwc, device),
    }


def draw_batch(
    domains: Mapping[str, Tensor], config: RefinerConfig, *, seed: int, step: int
) -> dict[str, Tensor]:
    """The unpaired batch of `step`: of each domain, floats bchw, flipped left to right with
    `flip_probability`.

    An epoch ends with the smaller set (thesis section 3.5); the larger one goes on where it was.
    """
    return {name: _draw(name, images, config, seed=seed, step=step) for name, images in domains.items()}


def _draw(name: str, images: Tensor, config: RefinerConfig, *, seed: int, step: int) -> Tensor:
    count = config.batch_size
    chosen = sample_indices(seed, name, start=step * count, count=count, population=len(images))
    batch = to_floats(images[torch.from_numpy(chosen).to(images.device)])
    flips = stream_rng(seed, f"flip_{name}", step).random(count) < config.flip_probability
    return torch.stack([image.flip(-1) if flip else image for image, flip in zip(batch, flips, strict=True)])


def _to_device(images_nhwc: np.ndarray, device: torch.device) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(images_nhwc)).permute(0, 3, 1, 2).contiguous().to(device)
