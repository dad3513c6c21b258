"""Runs the training step as it stands, or on a GPU as one CUDA graph, which launches its thousand kernels at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from models.translation.families.family import Phase, Values
from models.translation.updating import Learners, Losses, train_step

_EAGER_STEPS = 3  # of every phase: they make the optimiser's state and choose the convolutions' algorithms

StepRunner = Callable[[Learners, Values, Phase], Losses]


@dataclass
class _Recording:
    graph: torch.cuda.CUDAGraph
    batch: dict[str, Tensor]
    losses: Losses


class GraphedSteps:
    """Replays one recorded step of each phase; every batch of a phase must have the shapes of its first."""

    def __init__(self) -> None:
        self._eager_steps: dict[Phase, int] = {}
        self._recordings: dict[Phase, _Recording] = {}
        self._stream = torch.cuda.Stream()

    def __call__(self, learners: Learners, batch: Values, phase: Phase) -> Losses:
        done = self._eager_steps.get(phase, 0)
        if done < _EAGER_STEPS:
            self._eager_steps[phase] = done + 1
            return self._run_aside(learners, batch, phase)
        if phase not in self._recordings:
            self._recordings[phase] = _record(learners, batch, phase)
        return _replay(self._recordings[phase], batch)

    def _run_aside(self, learners: Learners, batch: Values, phase: Phase) -> Losses:
        """On a stream of its own: what runs on the default one before a recording may not be recorded."""
        self._stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._stream):
            losses = train_step(learners, batch, phase)
        torch.cuda.current_stream().wait_stream(self._stream)
        return losses


def choose_runner(device: torch.device) -> StepRunner:
    """Graphs where there is a GPU, the plain step elsewhere."""
    return GraphedSteps() if device.type == "cuda" else train_step


def _record(learners: Learners, batch: Values, phase: Phase) -> _Recording:
    static = {name: value.clone() for name, value in batch.items()}
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        losses = train_step(learners, static, phase)
    return _Recording(graph, static, losses)


def _replay(recording: _Recording, batch: Mapping[str, Tensor]) -> Losses:
    for name, value in batch.items():
        recording.batch[name].copy_(value, non_blocking=True)
    recording.graph.replay()
    return {name: loss.clone() for name, loss in recording.losses.items()}
