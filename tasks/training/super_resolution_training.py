"""Trains the seed's U: clean images at four times their width and height, chosen by its PSNR on R_val."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from blender_assets.both_sides.child_protocol import Report, serve
from models.configs import from_plain
from models.soiling.super_resolution.config import SuperResolutionConfig
from tasks.building.steps import step
from tasks.formats.label_maps import read_label_maps
from tasks.training.in_a_child import (
    Pace,
    describe_entry,
    resume_point,
    run_training,
    saver,
    training_spec,
    write_result,
)
from tasks.training.trainable import Trainable


@dataclass(frozen=True, kw_only=True)
class SuperResolutionRun:
    """One network with its seed: all that decides its weights beside the images."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    super_resolution: SuperResolutionConfig
    seed: int
    threads: int

    def settled(self) -> "SuperResolutionRun":
        """The same with the precision that `auto` is on this machine."""
        return replace(self, super_resolution=self.super_resolution.settled())


@step("super-resolution", libraries=("torch", "numpy"), is_resumable=True)
def train_super_resolution(
    out: Path, config: SuperResolutionRun, train: Path, val: Path, scratch: Path
) -> None:
    """`super_resolution.pt`, `history.json` and `history.csv`; no label map is read. Resumes bit for bit after a kill."""
    network = config.super_resolution
    spec = training_spec(network.settled(), seed=config.seed, out=out, scratch=scratch, train=train, val=val)
    module = "tasks.training.super_resolution_training"
    run_training(module, spec, threads=config.threads, processes=network.processes)


TRAINABLE = Trainable(
    step=train_super_resolution,
    config=SuperResolutionRun,
    inputs={"train": "label-maps", "val": "label-maps"},
)


def _train(spec: dict[str, Any], report_progress: Report) -> None:
    import numpy as np
    import torch

    from models.soiling.super_resolution.training import CleanSets
    from models.soiling.super_resolution.training import train_super_resolution as train
    from models.training.supervised import Hooks

    torch.set_num_threads(spec["threads"])
    config = from_plain(SuperResolutionConfig, spec["config"])
    scratch, pace = Path(spec["scratch"]), Pace()
    known, val = (read_label_maps(Path(spec[split])).images for split in ("train", "val"))
    state = train(
        config,
        CleanSets(known, np.array(val)),
        seed=spec["seed"],
        resume=resume_point(scratch, kind="super_resolution", config=config),
        hooks=Hooks(
            save=saver(scratch),
            report=lambda entry: report_progress(entry["step"], entry["total_steps"], _note(entry, pace)),
        ),
    )
    write_result(Path(spec["out"]), "super_resolution", state | {"config": spec["config"]})


def _note(entry: dict[str, Any], pace: Pace) -> str:
    return describe_entry(entry, pace, validated="val_psnr_db", title="PSNR")


if __name__ == "__main__":
    serve(_train)
