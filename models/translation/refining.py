"""Applies a trained refiner to synthetic crops."""

import numpy as np
import torch
from torch import nn

from models.checkpoints import State, load_weights, require_kind
from models.configs import DeviceName, from_plain, require
from models.devices import autocast, choose_device
from models.translation.config import RefinerConfig
from models.translation.images import check_images, to_bytes, to_floats
from models.translation.training import FAMILIES


def refine(
    state: State, synthetic_nhwc: np.ndarray, *, batch_size: int = 8, device: DeviceName = "auto"
) -> np.ndarray:
    """Synthetic crops uint8 [n, h, w, 3] as the real domain's, same shape; any h, w that are multiples of 4.

    Uses the averaged generator where the training kept one. ValueError if `state` is no refiner or crops do
    not fit.
    """
    require_kind(state, "refiner")
    check_images("synthetic", synthetic_nhwc)
    require(batch_size >= 1, f"batch_size must be >= 1, but was {batch_size}.")
    config = from_plain(RefinerConfig, state["config"])
    place = choose_device(device)
    generator = load_generator(state, config).to(place)
    refined = np.empty_like(synthetic_nhwc)
    with torch.inference_mode(), autocast(place, config.precision):
        for start in range(0, len(synthetic_nhwc), batch_size):
            chunk = torch.from_numpy(np.ascontiguousarray(synthetic_nhwc[start : start + batch_size])).to(
                place
            )
            output = to_bytes(generator(to_floats(chunk.permute(0, 3, 1, 2).contiguous())))
            refined[start : start + batch_size] = output.permute(0, 2, 3, 1).cpu().numpy()
    return refined


def load_generator(state: State, config: RefinerConfig) -> nn.Module:
    """The generator from synthetic to real, in evaluation mode, on the CPU."""
    family = FAMILIES[config.family]
    with torch.random.fork_rng(
        devices=[]
    ):  # the initial weights, drawn and then replaced, must not move the caller's
        networks = family.build_networks(config)
    load_weights(networks, state["networks"])
    if state["ema"] is not None:
        averaged = {name.removeprefix("module."): value for name, value in state["ema"].items()}
        del averaged["n_averaged"]
        load_weights(nn.ModuleDict({name: networks[name] for name in family.generators}), averaged)
    return networks[family.refiner].eval()
