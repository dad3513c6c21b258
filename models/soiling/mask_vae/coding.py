"""Masks and codes of a trained VAE: encode, decode, interpolate, sample, and walk for masks that move.

Shapes: n masks, s side in pixels, z numbers of a code; all float32 of numpy.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from models.arithmetic.devices import autocast
from models.configs import DeviceName, Precision, from_plain, require
from models.soiling.mask_vae.config import MaskVaeConfig
from models.soiling.mask_vae.network import MaskVae
from models.soiling.masks import clear_faint
from models.training.checkpoints import State, require_kind
from models.training.kept_networks import place_best_network
from models.training.randomness import stream_rng

KIND = "mask_vae"  # of a state
_FEWEST_STOPS = 3  # of a walk: two are a way there and back, on which nothing is new


@dataclass(frozen=True)
class MaskCoder:
    """A network in evaluation mode on its device."""

    config: MaskVaeConfig
    network: MaskVae
    device: torch.device


def load_mask_coder(state: State, *, device: DeviceName = "auto", precision: Precision = "auto") -> MaskCoder:
    """The best checkpoint in `state`; ValueError if there is none yet. `precision` is this machine's."""
    require_kind(state, KIND)
    config = replace(from_plain(MaskVaeConfig, state["config"]), device=device, precision=precision)
    network, place = place_best_network(state, lambda: MaskVae(config), config)
    return MaskCoder(config, network, place)


def encode(coder: MaskCoder, masks_nss: np.ndarray, *, batch_size: int = 64) -> np.ndarray:
    """Codes [n, z]: the means of the masks' posteriors. ValueError for masks of another side."""
    size = coder.config.size_px
    require(
        masks_nss.ndim == 3 and masks_nss.shape[1:] == (size, size),
        f"This VAE reads masks [n, {size}, {size}], but these are {list(masks_nss.shape)}; bring them to that "
        "size by resize_mask.",
    )
    return _in_batches(
        coder,
        np.asarray(masks_nss, np.float32)[:, None],
        lambda masks: coder.network.encode(masks).mean_bz,
        batch_size,
    )


def decode(coder: MaskCoder, codes_nz: np.ndarray, *, batch_size: int = 64) -> np.ndarray:
    """Masks [n, s, s] in 0..1, 0 where they hide less than 0.02, so that images keep these pixels as they are."""
    return _in_batches(
        coder,
        np.asarray(codes_nz, np.float32),
        lambda codes: clear_faint(torch.sigmoid(coder.network.decode(codes))[:, 0]),
        batch_size,
    )


def interpolate(first_z: np.ndarray, second_z: np.ndarray, share: float) -> np.ndarray:
    """z = a z1 + (1 - a) z2 with the share a of the first; shapes [..., z]. ValueError for a share outside of 0..1."""
    require(0 <= share <= 1, f"share must be in 0..1, but was {share}; 1 is the first code, 0 the second.")
    return (share * first_z + (1 - share) * second_z).astype(np.float32)


def mix_codes(codes_nz: np.ndarray, *, count: int, seed: int, neighbours: int | None = None) -> np.ndarray:
    """Codes [count, z], each between two of these, with its share drawn evenly: the seed's new masks of real ones.

    The second is one of so many nearest to the first, as the seed has it ("close on the manifold"); None: any other.
    """
    require(len(codes_nz) >= 2, f"Two codes or more are mixed, but there are {len(codes_nz)}.")
    require(neighbours is None or neighbours >= 1, f"neighbours must be >= 1, but was {neighbours}.")
    mixed = np.empty((count, codes_nz.shape[1]), np.float32)
    for number in range(count):
        rng = stream_rng(seed, "mix_codes", number)
        first = codes_nz[rng.integers(len(codes_nz))]
        # Of an order that begins with the code itself.
        nearest = np.argsort(np.square(codes_nz - first).sum(1), kind="stable")[1:][:neighbours]
        mixed[number] = interpolate(first, codes_nz[rng.choice(nearest)], float(rng.random()))
    return mixed


def draw_codes(coder: MaskCoder, *, count: int, seed: int) -> np.ndarray:
    """Codes [count, z] from the standard normal that the KL divergence pulls the masks' codes towards."""
    shape = (count, coder.config.codes)
    return stream_rng(seed, "draw_codes", 0).standard_normal(shape, dtype=np.float32)


def walk(stops_kz: np.ndarray, *, frames_between: int) -> np.ndarray:
    """Codes [k frames_between, z] of a closed walk through k >= 3 stops, which are frames 0, frames_between, ...

    A Catmull-Rom spline: after its last frame comes its first one, and its velocity nowhere jumps.
    """
    require(
        len(stops_kz) >= _FEWEST_STOPS,
        f"A walk has {_FEWEST_STOPS} stops or more, but these are {len(stops_kz)}; draw more codes.",
    )
    require(frames_between >= 1, f"frames_between must be >= 1, but was {frames_between}.")
    time = (np.arange(frames_between) / frames_between)[:, None]
    before, at, after, beyond = (
        np.roll(stops_kz.astype(np.float64), -shift, axis=0) for shift in (-1, 0, 1, 2)
    )
    parts = [_catmull_rom(time, *four) for four in zip(before, at, after, beyond, strict=True)]
    return np.concatenate(parts).astype(np.float32)


def _catmull_rom(
    time: np.ndarray, before: np.ndarray, at: np.ndarray, after: np.ndarray, beyond: np.ndarray
) -> np.ndarray:
    """From `at` (time 0) to `after` (1), with half of the way between the neighbours as velocity (1974)."""
    linear = (after - before) / 2
    square = before - 2.5 * at + 2 * after - beyond / 2
    cube = (beyond - before) / 2 + 1.5 * (at - after)
    return at + time * (linear + time * (square + time * cube))


def _in_batches(
    coder: MaskCoder, values: np.ndarray, run: Callable[[Tensor], Tensor], batch_size: int
) -> np.ndarray:
    parts = []
    with torch.inference_mode(), autocast(coder.device, coder.config.arithmetic):
        for start in range(0, len(values), batch_size):
            part = torch.from_numpy(np.array(values[start : start + batch_size])).to(coder.device)
            parts.append(run(part).float().cpu().numpy())
    return np.concatenate(parts)
