"""What trainings of refiners and detectors share: seed and threads, a child process, checkpoints to resume from.

Imported by the command line, where importing torch would cost seconds: only functions that children call import it.
"""

import csv
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from pydantic import BaseModel, ConfigDict, Field

from models.configs import to_plain
from tasks.artifacts.recipe import SourceFiles
from tasks.building.child_process import run_child

State = dict[str, Any]
_FACTS = ("step", "total_steps", "epoch", "learning_rate")
_MOST_LOSSES = 3
_SILENCE_S = 1800.0  # importing torch and compiling for a GPU can take minutes before the first line


class TrainingConfig(BaseModel):
    """How often each arm's detector is trained, the seeds of all trainings, and the CPU threads of one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    refiner_seed: int = 0  # another one gives other weights
    detector_seed: int = 0  # of the first detector of an arm; the next have the numbers behind it
    # detectors of each arm; one says nothing of how the next would end
    detector_seeds: int = Field(default=3, ge=1)
    # CPU threads of one training; with another number the last bits of weights may differ
    threads: int = Field(default=1, ge=1)

    def seeds_of_detectors(self) -> tuple[int, ...]:
        return tuple(range(self.detector_seed, self.detector_seed + self.detector_seeds))


@dataclass
class Pace:
    """How long a training will go on, by the steps that it took since it was first asked; the first steps warm up."""

    clock: Callable[[], float] = time.monotonic
    _first: tuple[int, float] | None = None

    def left(self, step: int, total_steps: int) -> str:
        """In words; empty before there are two steps to compare."""
        now = self.clock()
        if self._first is None:
            self._first = (step, now)
        first_step, since = self._first
        if step <= first_step or step >= total_steps:
            return ""
        return f"about {describe_seconds((now - since) / (step - first_step) * (total_steps - step))} left"


def describe_seconds(seconds: float) -> str:
    """A duration as one would say it: 40 s, 12 min, 3.5 h, 2.1 days."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 48 * 3600 else f"{seconds / 86400:.1f} days"


def training_spec(config: Any, *, seed: int, out: Path, scratch: Path, **inputs: Any) -> dict[str, Any]:
    """What a training's child is told, as JSON: its configuration, its seed, and the places of all that it reads and
    writes. `inputs` are those of the step: a folder, several, or files by their names.
    """
    places = {name: _plain(value) for name, value in (inputs | {"out": out, "scratch": scratch}).items()}
    return {"config": to_plain(config), "seed": seed, **places}


def _plain(value: Path | list[Path] | SourceFiles) -> Any:
    if isinstance(value, SourceFiles):
        return {name: str(path) for name, path in value.files.items()}
    return [str(folder) for folder in value] if isinstance(value, list) else str(value)


def run_training(module: str, spec: dict[str, Any], *, threads: int, processes: int = 1) -> None:
    """Run a training module in one or more processes; it resumes from `scratch` when an earlier one was killed."""
    spec = {**spec, "threads": threads}
    run_child(module, spec, timeout_s=_SILENCE_S, threads=threads, processes=processes)


def resume_point(scratch: Path, *, kind: str, config: Any) -> State | None:
    """The last checkpoint of a killed training, or None. A damaged one is dropped: the training starts anew.

    `scratch` belongs to one key, so the checkpoint's configuration is `config` but for places of weights, which no key
    knows: it goes on with those of `config`.
    """
    from models.training.checkpoints import load_checkpoint

    path = scratch / "checkpoint.pt"
    if not path.exists():
        return None
    try:
        return load_checkpoint(path, kind=kind) | {"config": to_plain(config)}
    except ValueError:
        path.unlink(missing_ok=True)  # each process of a training comes here
        return None


def describe_entry(entry: dict[str, Any], pace: Pace, *, validated: str, title: str) -> str:
    """How long it goes on, and the figure `validated` of an evaluation, called `title`, or the losses between two."""
    said = f"{title} on validation {entry[validated]:.3f}" if validated in entry else describe_losses(entry)
    return ", ".join(filter(None, (pace.left(entry["step"], entry["total_steps"]), said)))


def saver(scratch: Path) -> Callable[[State], None]:
    """Writes every resumable state over the one before."""
    from models.training.checkpoints import save_checkpoint

    return lambda state: save_checkpoint(scratch / "checkpoint.pt", state)


def write_result(out: Path, name: str, state: State) -> None:
    """The finished weights as `<name>.pt`, and the course of the training as `history.json` and `history.csv`."""
    from models.training.checkpoints import save_checkpoint

    save_checkpoint(out / f"{name}.pt", state)
    (out / "history.json").write_text(json.dumps(state["history"]), encoding="utf-8")
    with (out / "history.csv").open("w", encoding="utf-8", newline="") as file:
        write_history(file, state["history"])


def write_history(file: TextIO, history: list[dict[str, Any]]) -> None:
    """One line an entry, one column a figure; a figure that an entry has not is left empty."""
    columns = list(dict.fromkeys(name for entry in history for name in entry))
    table = csv.DictWriter(file, columns, lineterminator="\n")
    table.writeheader()
    table.writerows(history)


def describe_losses(entry: dict[str, Any]) -> str:
    """The first losses of a report in a few words."""
    losses = {name: value for name, value in entry.items() if name not in _FACTS}
    return ", ".join(f"{name} {value:.3g}" for name, value in list(losses.items())[:_MOST_LOSSES])
