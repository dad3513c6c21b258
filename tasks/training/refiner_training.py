"""Trains the refiner that makes synthetic crops look like real ones (Algorithms 7 and 8 of the thesis)."""

import json
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from blender_assets.both_sides.child_protocol import Report, serve
from models.translation.config import RefinerConfig, read_config
from models.translation.domains import Domains, array_domain
from tasks.artifacts.recipe import SourceFiles
from tasks.building.steps import step
from tasks.formats.crops import REGION_BITS, read_crop_pixels, read_crop_regions
from tasks.images.files import write_png
from tasks.training.in_a_child import (
    Pace,
    State,
    describe_losses,
    resume_point,
    run_training,
    saver,
    training_spec,
    write_result,
)
from tasks.training.refiner_forms import RefinerToTrain
from tasks.training.start_weights import found
from tasks.training.trainable import Change, Trainable

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


@step("refiner", libraries=("torch", "torchvision", "numpy"), is_resumable=True)
def train_refiner(
    out: Path, config: RefinerRun, synthetic: list[Path], real: Path, weights: SourceFiles, scratch: Path
) -> None:
    """`refiner.pt`, `history.json` and .csv, and, for each look at it, in `observations.json` and `samples/<step>.png`.

    From the crops of S and of R_train. Resumes bit for bit after a kill. `weights` are the files that `config` names.
    """
    inputs = {"synthetic": synthetic, "real": real, "weights": weights}
    spec = training_spec(config.refiner.settled(), seed=config.seed, out=out, scratch=scratch, **inputs)
    run_training(
        "tasks.training.refiner_training", spec, threads=config.threads, processes=config.refiner.processes
    )


TRAINABLE = Trainable(
    step=train_refiner,
    config=RefinerRun,
    inputs={"synthetic": "crops", "real": "crops"},
    many=("synthetic",),
    each_weights=lambda run, change: replace(run, refiner=each_weights(run.refiner, change)),
)


def _train(spec: dict[str, Any], report_progress: Report) -> None:
    train_between(_read_domains(spec), spec, report_progress)


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


def _read_domains(spec: dict[str, Any]) -> Domains:
    folders = [Path(folder) for folder in spec["synthetic"]]
    synthetic, real = read_crop_pixels(folders), read_crop_pixels([Path(spec["real"])])
    _check_crops(synthetic, real)
    regions = read_crop_regions(folders)
    return Domains(
        array_domain("synthetic", synthetic, regions_nhw=regions, bits=REGION_BITS),
        array_domain("real", real),
    )


def _check_crops(synthetic: np.ndarray, real: np.ndarray) -> None:
    for name, crops in (("synthetic images", synthetic), ("real training images", real)):
        if len(crops) == 0:
            raise ValueError(
                f"the {name} have no head that can be cropped; annotate heads or persons, "
                "or lower crops.min_head_visibility"
            )


if __name__ == "__main__":
    serve(_train)
