"""The training of any translator between two domains, in a child process: what steps that train one share."""

import json
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from blender_assets.both_sides.child_protocol import Report
from models.translation.config import RefinerConfig, read_config
from models.translation.domains import Domains
from tasks.images.files import write_png
from tasks.training.in_a_child import (
    Pace,
    State,
    describe_losses,
    resume_point,
    saver,
    write_result,
)
from tasks.training.refiner_forms import RefinerToTrain
from tasks.training.start_weights import found
from tasks.training.trainable import Change

if TYPE_CHECKING:
    from models.translation.monitoring.watching import Observation


@dataclass(frozen=True, kw_only=True)
class RefinerRun:
    """One refiner with its seed: all that decides its weights beside the crops."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    refiner: RefinerToTrain
    seed: int
    threads: int

    def settled(self) -> "RefinerRun":
        """The same with the precision that `auto` is on this machine."""
        return replace(self, refiner=self.refiner.settled())


def each_weights(config: RefinerConfig, change: Change) -> RefinerConfig:
    """The same refiner with the weights of its feature networks, of losses and of monitoring, changed."""
    features, monitoring = config.features, config.monitoring
    seen = monitoring.features
    compared = change("refiner.features.weights", features.weights)
    watched = change("refiner.monitoring.features.weights", seen.weights)
    return replace(
        config,
        features=replace(features, weights=compared),
        monitoring=replace(monitoring, features=replace(seen, weights=watched)),
    )


def each_run_weights(run: RefinerRun, change: Change) -> RefinerRun:
    """The same of a run."""
    return replace(run, refiner=each_weights(run.refiner, change))


def train_between(domains: Domains, spec: dict[str, Any], report_progress: Report) -> None:
    """In a child: the training of any translator, told as `training_spec` has it."""
    import torch

    from models.arithmetic.devices import choose_device
    from models.training.processes import join_processes
    from models.translation.training import Hooks
    from models.translation.training import train_refiner as train

    torch.set_num_threads(spec["threads"])
    config = each_weights(read_config(spec["config"]), lambda _, weights: found(weights, spec["weights"]))
    out, scratch = Path(spec["out"]), Path(spec["scratch"])
    course = Course(report_progress, scratch)
    state = train(
        config,
        domains,
        seed=spec["seed"],
        resume=resume_point(scratch, kind="refiner", config=config),
        hooks=Hooks(save=saver(scratch), report=course.report, observe=course.observe),
    )
    if join_processes(choose_device(config.device)).is_first:
        write_result(out, "refiner", state | {"config": spec["config"]})
        _write_observations(out, state, scratch / "samples")


@dataclass
class Course:
    """Tells the run how its training goes: the losses, behind what the last look at the refiner found wrong with it."""

    report_progress: Report
    scratch: Path
    step: int = 0
    total_steps: int = 0
    losses: str = ""
    left: str = ""
    warnings: str = ""
    pace: Pace = field(default_factory=Pace)

    def report(self, entry: dict[str, Any]) -> None:
        self.step, self.total_steps = entry["step"], entry["total_steps"]
        self.losses = ", ".join(filter(None, (f"epoch {entry['epoch'] + 1}", describe_losses(entry))))
        self.left = self.pace.left(self.step, self.total_steps)
        self._tell()

    def observe(self, seen: "Observation") -> None:
        """Losses were reported before: a look comes behind its step's."""
        write_png(_samples(self.scratch) / f"{seen.step:06d}.png", seen.grid)
        self.warnings = f"at step {seen.step}: {' '.join(seen.warnings)}" if seen.warnings else ""
        self._tell()

    def _tell(self) -> None:
        note = " - ".join(filter(None, (self.warnings, self.left, self.losses)))
        self.report_progress(self.step, self.total_steps, note)


def _samples(scratch: Path) -> Path:
    """FileNotFoundError where the store is away: a folder must not stand where it is to come back."""
    (scratch / "samples").mkdir(exist_ok=True)
    return scratch / "samples"


def _write_observations(out: Path, state: State, samples: Path) -> None:
    (out / "observations.json").write_text(json.dumps(state["observations"]), encoding="utf-8")
    for observation in state["observations"]:
        name = f"{observation['step']:06d}.png"
        (out / "samples").mkdir(exist_ok=True)
        shutil.copyfile(samples / name, out / "samples" / name)
