"""Trains the VAE of soiling masks on annotated levels; its checkpoint is chosen on R_val (seed 000, section 3.1)."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from blender_assets.both_sides.child_protocol import Report, serve
from models.configs import from_plain, require
from models.soiling.mask_vae.config import MaskVaeConfig
from tasks.building.steps import step
from tasks.formats.level_masks import masks_of_levels
from tasks.formats.soiling_masks import read_masks
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
class MaskVaeRun:
    """One VAE with its seed: all that decides its weights beside the annotated images."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    mask_vae: MaskVaeConfig
    # standard deviation of the gaussian over masks at the VAE's size: outlines are polygons, soiling has soft edges
    smoothing_px: float
    seed: int
    threads: int

    def __post_init__(self) -> None:
        require(self.smoothing_px >= 0, f"smoothing_px must be >= 0, but was {self.smoothing_px}.")

    def settled(self) -> "MaskVaeRun":
        """The same with the precision that `auto` is on this machine."""
        return replace(self, mask_vae=self.mask_vae.settled())


@step("mask-vae", libraries=("torch", "numpy"), is_resumable=True)
def train_mask_vae(out: Path, config: MaskVaeRun, scratch: Path, **inputs: Any) -> None:
    """`mask_vae.pt`, `history.json` and `history.csv`. Resumes bit for bit after a kill.

    `inputs` are those of `TRAINABLE`: annotated images, and of each split further masks, of the VAE's size, or none.
    """
    assert inputs.keys() == TRAINABLE.inputs.keys(), "the journey gives all of them"
    spec = training_spec(config.mask_vae.settled(), seed=config.seed, out=out, scratch=scratch, **inputs)
    spec |= {"smoothing_px": config.smoothing_px}
    processes = config.mask_vae.processes
    run_training("tasks.training.mask_vae_training", spec, threads=config.threads, processes=processes)


TRAINABLE = Trainable(
    step=train_mask_vae,
    config=MaskVaeRun,
    inputs={
        "train": "label-maps",
        "val": "label-maps",
        "further_train": "soiling-masks",
        "further_val": "soiling-masks",
    },
    many=("further_train", "further_val"),
)


def _train(spec: dict[str, Any], report_progress: Report) -> None:
    import torch

    from models.soiling.mask_vae.training import MaskSets
    from models.soiling.mask_vae.training import train_mask_vae as train
    from models.training.supervised import Hooks

    torch.set_num_threads(spec["threads"])
    config = from_plain(MaskVaeConfig, spec["config"])
    scratch, pace = Path(spec["scratch"]), Pace()
    state = train(
        config,
        MaskSets(*(_read_masks(spec, config, split) for split in ("train", "val"))),
        seed=spec["seed"],
        resume=resume_point(scratch, kind="mask_vae", config=config),
        hooks=Hooks(
            save=saver(scratch),
            report=lambda entry: report_progress(entry["step"], entry["total_steps"], _note(entry, pace)),
        ),
    )
    write_result(Path(spec["out"]), "mask_vae", state | {"config": spec["config"]})


def _read_masks(spec: dict[str, Any], config: MaskVaeConfig, split: str) -> np.ndarray:
    size = (config.size_px, config.size_px)
    annotated = masks_of_levels(Path(spec[split]), size, smoothing_px=spec["smoothing_px"])
    return np.concatenate([annotated, *(read_masks(Path(folder)) for folder in spec[f"further_{split}"])])


def _note(entry: dict[str, Any], pace: Pace) -> str:
    return describe_entry(entry, pace, validated="val_iou", title="IoU")


if __name__ == "__main__":
    serve(_train)
