"""Losses of a training: kept on the device, fetched a window at a time, and stopped at when they are not
finite.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

Report = Callable[[dict[str, Any]], None]
_EARLY_STEPS = (1, 4)  # the first one warms up


class TrainingDivergedError(RuntimeError):
    """A loss or a weight is not finite; the last state given to `save` is still good."""


class LossLog:
    """Means over windows of steps, appended to `history` and reported; reading a window is the only device
    sync.

    The first steps of a process are reported without their losses: they tell how long the rest will take.
    """

    def __init__(
        self, history: list[dict[str, Any]], *, every_steps: int, total_steps: int, report: Report
    ) -> None:
        self.history = history
        self.every_steps = every_steps
        self.total_steps = total_steps
        self.report = report
        self._window: list[dict[str, Tensor]] = []
        self._num_added = 0

    def add(self, step: int, losses: Mapping[str, Tensor], **facts: float) -> None:
        """Note the losses of `step` (counted from 1); TrainingDivergedError at a window's end if one is not
        finite.
        """
        self._window.append({name: loss.detach() for name, loss in losses.items()})
        self._num_added += 1
        if self._num_added in _EARLY_STEPS:
            self.report({"step": step, "total_steps": self.total_steps, **facts})
        if step % self.every_steps == 0 or step == self.total_steps:
            self.flush(step, **facts)

    def flush(self, step: int, **facts: float) -> None:
        """Check and report what was added since the last window; `step` is the last step that was added."""
        if not self._window:
            return
        names = list(self._window[0])
        rows = torch.stack([torch.stack([losses[name].float() for name in names]) for losses in self._window])
        rows, self._window = rows.cpu(), []
        self._check(rows, names, last_step=step)
        means = dict(zip(names, rows.mean(0).tolist(), strict=True))
        entry = {"step": step, "total_steps": self.total_steps, **facts, **means}
        self.history.append(entry)
        self.report(dict(entry))

    def _check(self, rows: Tensor, names: list[str], *, last_step: int) -> None:
        bad = (~torch.isfinite(rows).all(1)).nonzero()
        if len(bad) == 0:
            return
        first = int(bad[0])
        values = ", ".join(
            f"{name} {value:.4g}" for name, value in zip(names, rows[first].tolist(), strict=True)
        )
        raise TrainingDivergedError(
            f"The loss is not finite at step {last_step - len(rows) + 1 + first} ({values}); the last "
            "checkpoint is still good. Lower learning_rate, or set precision to fp32."
        )


def require_finite_weights(networks: Iterable[nn.Module], *, step: int) -> None:
    """TrainingDivergedError if a weight is not finite, so that no bad state replaces a good checkpoint."""
    for network in networks:
        for name, weight in network.named_parameters():
            if not bool(torch.isfinite(weight).all()):
                raise TrainingDivergedError(
                    f"Weight {name} of {type(network).__name__} is not finite after step {step}; the last "
                    "checkpoint is still good. Lower learning_rate, or set precision to fp32."
                )
