"""Random numbers of a step, each a pure function of (seed, name, step)."""

import math
from collections.abc import Iterable

import torch
from torch import Tensor

from models.arithmetic.devices import send
from models.training.randomness import stream_rng
from models.translation.families.family import Draw

LARGE = 2**18  # numbers: a host draws so many in 1 to 3 ms, and a step should not wait for more


def draw_numbers(draws: Iterable[Draw], *, seed: int, step: int, device: torch.device) -> dict[str, Tensor]:
    """Every draw as float32 by its name. Large ones are drawn on the device, each kind of which has numbers of its own."""
    return {draw.name: _draw(draw, seed=seed, step=step, device=device) for draw in draws}


def _draw(draw: Draw, *, seed: int, step: int, device: torch.device) -> Tensor:
    rng = stream_rng(seed, draw.name, step)
    if math.prod(draw.shape) >= LARGE:
        generator = torch.Generator(device).manual_seed(int(rng.integers(2**63)))
        sample = torch.rand if draw.kind == "uniform" else torch.randn
        return sample(draw.shape, generator=generator, device=device)
    if draw.kind == "uniform":
        return send(torch.from_numpy(rng.random(draw.shape, dtype="float32")), device)
    return send(torch.from_numpy(rng.standard_normal(draw.shape, dtype="float32")), device)
