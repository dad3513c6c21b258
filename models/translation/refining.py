"""Applies a trained translator to the images of a domain."""

import copy
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from models.arithmetic.devices import autocast, choose_device, quicken
from models.arithmetic.precision import settle
from models.configs import Arithmetic, DeviceName, Precision, require
from models.training.checkpoints import State, load_weights, require_kind
from models.translation.config import own_fields, read_config
from models.translation.families.family import Channels, Direction, Family, Networks, Refined
from models.translation.families.registry import FAMILIES
from models.translation.image_sets import to_bchw
from models.translation.images import check_images, to_bytes, to_floats
from models.translation.sources import ArraySource, Source
from models.translation.updating import Learners

_NAMES = {"a": "synthetic", "b": "real"}


def refine(
    state: State,
    images_nhwc: np.ndarray,
    *,
    direction: Direction = "a_to_b",
    batch_size: int = 8,
    device: DeviceName = "auto",
    precision: Precision = "auto",
) -> np.ndarray:
    """Images uint8 [n, h, w, c] of one domain as the other's, of its channels; any h, w that are multiples of 4.

    `precision` is this machine's, whatever the training's was. Uses the averaged generator where the training kept one.
    ValueError if `state` is no refiner, does not go in that direction, or images do not fit.
    """
    require_kind(state, "refiner")
    channels, source, target = _channels(state), direction[0], direction[-1]
    check_images(_NAMES[source], images_nhwc, channels[source])
    require(batch_size >= 1, f"batch_size must be >= 1, but was {batch_size}.")
    place = choose_device(device)
    translate = load_refiner(state, place, settle(precision, device), direction)
    refined = np.empty((*images_nhwc.shape[:3], channels[target]), np.uint8)
    parts = refine_parts(translate, ArraySource(images_nhwc), place, batch_size=batch_size)
    for number, part in enumerate(parts):
        refined[number * batch_size : (number + 1) * batch_size] = part
    return refined


def refine_parts(
    translate: Callable[[Tensor], Refined], images: Source, device: torch.device, *, batch_size: int = 8
) -> Iterator[np.ndarray]:
    """uint8 [<= batch_size, h, w, c], one part after the other, of images that need not fit into memory together.

    `translate` is what `load_refiner` gives for this device.
    """
    for start in range(0, len(images), batch_size):
        part = images.read(np.arange(start, min(start + batch_size, len(images))))
        output = to_bytes(translate(to_floats(to_bchw(part).to(device))).images)
        yield output.permute(0, 2, 3, 1).cpu().numpy()


def load_refiner(
    state: State, device: torch.device, precision: Arithmetic, direction: Direction = "a_to_b"
) -> Callable[[Tensor], Refined]:
    """The trained translation of images bchw in -1..1 on `device`.

    ValueError if `state` is no refiner, goes in the other direction alone, or weights and configuration do not belong
    together.
    """
    require_kind(state, "refiner")
    config = read_config(state["config"] if "channels" in state else own_fields(state["config"]))
    family = FAMILIES[config.family]
    require(
        direction in family.translations,
        f"direction must be {' or '.join(family.translations)} for a translator of the family {config.family}, "
        f"but was {direction!r}.",
    )
    # The initial weights, drawn and then replaced, must not move the caller's random state.
    with torch.random.fork_rng(devices=[]):
        networks = family.build_networks(config, _channels(state))
    load_weights(networks, state["networks"])
    if state["average"] is not None:
        load_weights(family.generators(networks), state["average"])
    networks = networks.to(device).eval()
    quicken(networks, device, precision)
    return refiner_of(family, networks, precision, direction)


def refiner_now(learners: Learners) -> Callable[[Tensor], Refined]:
    """The translation as it is in mid-training, with the averaged weights where they are kept.

    By a copy in evaluation mode: being looked at changes no statistic of the networks that train.
    """
    networks = copy.deepcopy(learners.family.generators(learners.networks)).eval()
    if learners.average is not None:
        load_weights(networks, learners.average.weights)
    return refiner_of(learners.family, networks, learners.arithmetic)


def refiner_of(
    family: Family, networks: Networks, precision: Arithmetic, direction: Direction = "a_to_b"
) -> Callable[[Tensor], Refined]:
    """The family's translation in one direction by these networks, without gradients."""
    device = next(networks.parameters()).device
    translation = family.translations[direction]

    def translate(images_bchw: Tensor) -> Refined:
        with torch.inference_mode(), autocast(device, precision):
            return translation(networks, images_bchw)

    return translate


def _channels(state: State) -> Channels:
    """Refiners that were trained before domains had channels have colour images on both sides."""
    return state.get("channels", {"a": 3, "b": 3})
