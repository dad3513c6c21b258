"""Dropout under exact resume: what it draws in a step is a function of (seed, step), as all that is drawn ahead is."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

from models.training.randomness import seeded_torch, stream_rng
from models.translation.starting import Training
from models.translation.steps import part_of


@contextmanager
def seeded_dropout(training: Training) -> Iterator[None]:
    """Inside, dropout follows the training's seed and step, in each process by numbers of its own.

    Trainings without dropout draw nothing in a step, and are left as they are.
    """
    learners = training.learners
    if not has_dropout(learners.networks):
        yield
        return
    part = part_of(learners.config, step=training.step, rank=learners.processes.rank)
    device = next(learners.networks.parameters()).device
    with seeded_torch(stream_rng(training.seed, "dropout", part), device):
        yield


def has_dropout(network: nn.Module) -> bool:
    """Whether any part of it drops values."""
    return any(isinstance(part, nn.modules.dropout._DropoutNd) for part in network.modules())
