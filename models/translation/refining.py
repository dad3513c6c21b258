"""Applies a trained refiner to synthetic crops."""

import copy
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from models.arithmetic.devices import autocast, choose_device, quicken
from models.arithmetic.precision import settle
from models.configs import Arithmetic, DeviceName, Precision, from_plain, require
from models.training.checkpoints import State, load_weights, require_kind
from models.translation.config import RefinerConfig
from models.translation.families.family import Family, Networks, Refined
from models.translation.families.registry import FAMILIES
from models.translation.images import check_images, to_bytes, to_floats
from models.translation.updating import Learners


def refine(
    state: State,
    synthetic_nhwc: np.ndarray,
    *,
    batch_size: int = 8,
    device: DeviceName = "auto",
    precision: Precision = "auto",
) -> np.ndarray:
    """Synthetic crops uint8 [n, h, w, 3] as the real domain's, same shape; any h, w that are multiples of 4.

    `precision` is this machine's, whatever the training's was. Uses the averaged generator where the training kept one.
    ValueError if `state` is no refiner or crops do not fit.
    """
    check_images("synthetic", synthetic_nhwc)
    require(batch_size >= 1, f"batch_size must be >= 1, but was {batch_size}.")
    place = choose_device(device)
    translate = load_refiner(state, place, settle(precision, device))
    refined = np.empty_like(synthetic_nhwc)
    for start in range(0, len(synthetic_nhwc), batch_size):
        chunk = torch.from_numpy(np.ascontiguousarray(synthetic_nhwc[start : start + batch_size])).to(place)
        output = to_bytes(translate(to_floats(chunk.permute(0, 3, 1, 2).contiguous())).images)
        refined[start : start + batch_size] = output.permute(0, 2, 3, 1).cpu().numpy()
    return refined


def load_refiner(state: State, device: torch.device, precision: Arithmetic) -> Callable[[Tensor], Refined]:
    """The trained translation of images bchw in -1..1 on `device`.

    ValueError if `state` is no refiner, or weights and configuration do not belong together.
    """
    require_kind(state, "refiner")
    config = from_plain(RefinerConfig, state["config"])
    family = FAMILIES[config.family]
    # The initial weights, drawn and then replaced, must not move the caller's random state.
    with torch.random.fork_rng(devices=[]):
        networks = family.build_networks(config)
    load_weights(networks, state["networks"])
    if state["average"] is not None:
        load_weights(family.generators(networks), state["average"])
    networks = networks.to(device).eval()
    quicken(networks, device, precision)
    return refiner_of(family, networks, precision)


def refiner_now(learners: Learners) -> Callable[[Tensor], Refined]:
    """The translation as it is in mid-training, with a copy of the averaged weights where they are kept."""
    networks = learners.networks
    if learners.average is not None:
        networks = copy.deepcopy(learners.family.generators(networks))
        load_weights(networks, learners.average.weights)
    return refiner_of(learners.family, networks, learners.arithmetic)


def refiner_of(family: Family, networks: Networks, precision: Arithmetic) -> Callable[[Tensor], Refined]:
    """The family's refinement by these networks, without gradients."""
    device = next(networks.parameters()).device

    def translate(images_bchw: Tensor) -> Refined:
        with torch.inference_mode(), autocast(device, precision):
            return family.refine(networks, images_bchw)

    return translate
