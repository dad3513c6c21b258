"""Crops as the networks see them: uint8 nhwc arrays at the door, floats bchw in -1..1 inside."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from models.arithmetic.devices import send
from models.configs import require
from models.training.randomness import sample_indices, stream_rng
from models.translation.config import HEAD, PERSON, REGION_TERMS, RefinerConfig
from models.translation.domains import Domains

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


def load_domains(domains: Domains, config: RefinerConfig, device: torch.device) -> dict[str, Tensor]:
    """real_a and real_b, and regions_a where a loss needs them, on the device as uint8 bchw, once.

    ValueError if sizes differ, a batch cannot be filled, or regions are needed and missing.
    """
    _check_domains(domains, config)
    loaded = {
        "real_a": _to_device(domains.synthetic_nhwc, device),
        "real_b": _to_device(domains.real_nhwc, device),
    }
    if not config.has_term(*REGION_TERMS):
        return loaded
    assert domains.synthetic_regions_nhw is not None
    return loaded | {"regions_a": _to_device(domains.synthetic_regions_nhw[..., None], device)}


def draw_batch(
    domains: Mapping[str, Tensor], config: RefinerConfig, *, seed: int, step: int
) -> dict[str, Tensor]:
    """The unpaired batch of `step`: of each domain, floats bchw, flipped left to right with
    `flip_probability`; outline_a and head_a [b, 1, h, w] of 0 and 1 where the domains have regions.

    An epoch ends with the smaller set (thesis section 3.5); the larger one goes on where it was.
    """
    batch = {}
    for name in ("real_a", "real_b"):
        chosen = _choose(name, config, seed=seed, step=step, population=len(domains[name]))
        flips = stream_rng(seed, f"flip_{name}", step).random(config.batch_size) < config.flip_probability
        batch[name] = to_floats(_take(domains[name], chosen, flips))
        if name == "real_a" and "regions_a" in domains:
            regions = _take(domains["regions_a"], chosen, flips)
            batch |= {"outline_a": (regions & PERSON).float() / PERSON}
            batch |= {"head_a": (regions & HEAD).float() / HEAD}
    return batch


def _choose(name: str, config: RefinerConfig, *, seed: int, step: int, population: int) -> Tensor:
    count = config.batch_size
    return torch.from_numpy(
        sample_indices(seed, name, start=step * count, count=count, population=population)
    )


def _take(images: Tensor, chosen: Tensor, flips: np.ndarray) -> Tensor:
    batch = images[send(chosen, images.device)]
    return torch.stack([image.flip(-1) if flip else image for image, flip in zip(batch, flips, strict=True)])


def _check_domains(domains: Domains, config: RefinerConfig) -> None:
    synthetic, real, regions = domains.synthetic_nhwc, domains.real_nhwc, domains.synthetic_regions_nhw
    for name, images in (("synthetic", synthetic), ("real", real)):
        check_images(name, images)
        require(
            len(images) >= config.batch_size,
            f"There are {len(images)} {name} crops, but batch_size is {config.batch_size}; "
            "lower batch_size or add crops.",
        )
    sizes = [f"{images.shape[2]} x {images.shape[1]} px" for images in (synthetic, real)]
    require(
        sizes[0] == sizes[1],
        f"The synthetic crops are {sizes[0]} and the real ones {sizes[1]}; crop both to one size.",
    )
    needed = [name for name in REGION_TERMS if config.has_term(name)]
    require(
        not needed or regions is not None,
        f"losses.{' and losses.'.join(needed)} need to know where persons and heads are, but the synthetic crops "
        "come without regions; crop rendered images, or set the weight to 0.",
    )
    require(
        regions is None or regions.shape == synthetic.shape[:3],
        f"The regions must be [n, h, w] of the synthetic crops, {list(synthetic.shape[:3])}, "
        f"but were {list(regions.shape) if regions is not None else None}.",
    )


def _to_device(images_nhwc: np.ndarray, device: torch.device) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(images_nhwc)).permute(0, 3, 1, 2).contiguous().to(device)
