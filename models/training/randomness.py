"""Every random draw of a training is a pure function of (seed, stream, step): a resume cannot drift."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


def stream_rng(seed: int, stream: str, index: int) -> np.random.Generator:
    """The generator of draw number `index` (a step, an epoch) of one named stream of a run."""
    return np.random.default_rng([seed, zlib.crc32(stream.encode()), index])


def sample_indices(seed: int, stream: str, *, start: int, count: int, population: int) -> np.ndarray:
    """Positions start..start+count of an endless walk [count] that visits all `population` items once an
    epoch.
    """
    positions = np.arange(start, start + count)
    epochs = positions // population
    orders = {
        epoch: stream_rng(seed, stream, int(epoch)).permutation(population) for epoch in np.unique(epochs)
    }
    return np.array(
        [orders[epoch][position % population] for position, epoch in zip(positions, epochs, strict=True)]
    )


@contextmanager
def seeded_torch(rng: np.random.Generator, device: torch.device) -> Iterator[None]:
    """Inside, torch's own draws (initialisation, dropout) follow `rng`; outside, its global state is
    untouched.
    """
    devices = [torch.cuda.current_device()] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(int(rng.integers(2**63)))
        yield
