"""Trains DirtyGAN: a CycleGAN between clean and soiled images that is confined to masks (seed 000, section 3.2)."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from blender_assets.both_sides.child_protocol import Report, serve
from models.configs import from_plain
from models.soiling.dirty_gan.config import DirtyGanConfig
from tasks.building.steps import step
from tasks.formats.label_maps import read_label_maps
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

if TYPE_CHECKING:
    from models.soiling.dirty_gan.data import DirtySplits


@dataclass(frozen=True, kw_only=True)
class DirtyGanRun:
    """One pair of translators with its seed: all that decides their weights beside images, masks and M."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    dirty_gan: DirtyGanConfig
    seed: int
    threads: int

    def settled(self) -> "DirtyGanRun":
        """The same with the precision that `auto` is on this machine."""
        return replace(self, dirty_gan=self.dirty_gan.settled())


@step("dirty-gan", libraries=("torch", "torchvision", "numpy"), is_resumable=True)
def train_dirty_gan(out: Path, config: DirtyGanRun, scratch: Path, **inputs: Path) -> None:
    """`dirty_gan.pt`, `history.json` and `history.csv`. Resumes bit for bit after a kill.

    `inputs` are those of `TRAINABLE`: `clean` and `soiled` images are unpaired; of the latter `soiled_val` alone is read
    with its annotation, whose masks the validation soils `clean_val` by. `masks` are those that the training soils by,
    `segmenter` is M.
    """
    network = config.dirty_gan
    assert inputs.keys() == TRAINABLE.inputs.keys(), "the journey gives all of them"
    spec = training_spec(network.settled(), seed=config.seed, out=out, scratch=scratch, **inputs)
    run_training(
        "tasks.training.dirty_gan_training", spec, threads=config.threads, processes=network.processes
    )


TRAINABLE = Trainable(
    step=train_dirty_gan,
    config=DirtyGanRun,
    inputs={
        "clean": "label-maps",
        "soiled": "label-maps",
        "clean_val": "label-maps",
        "soiled_val": "label-maps",
        "masks": "soiling-masks",
        "segmenter": "segmenter",
    },
)


def _train(spec: dict[str, Any], report_progress: Report) -> None:
    import torch

    from models.soiling.dirty_gan.training import train_dirty_gan as train
    from models.soiling.opacity import load_opacity
    from models.training.checkpoints import load_checkpoint
    from models.training.supervised import Hooks

    torch.set_num_threads(spec["threads"])
    config = from_plain(DirtyGanConfig, spec["config"])
    scratch, pace = Path(spec["scratch"]), Pace()
    segmenter = load_checkpoint(Path(spec["segmenter"]) / "segmenter.pt", kind="segmenter")
    state = train(
        config,
        _read_splits(spec, config),
        load_opacity(segmenter, device=config.device, precision=config.precision),
        seed=spec["seed"],
        resume=resume_point(scratch, kind="dirty_gan", config=config),
        hooks=Hooks(
            save=saver(scratch),
            report=lambda entry: report_progress(entry["step"], entry["total_steps"], _note(entry, pace)),
        ),
    )
    write_result(Path(spec["out"]), "dirty_gan", state | {"config": spec["config"]})


def _read_splits(spec: dict[str, Any], config: DirtyGanConfig) -> "DirtySplits":
    import numpy as np

    from models.soiling.dirty_gan.data import DirtySets, DirtySplits

    clean, soiled, clean_val, soiled_val = (
        read_label_maps(Path(spec[name])).images for name in ("clean", "soiled", "clean_val", "soiled_val")
    )
    height, width = soiled_val.shape[1:3]
    val = masks_of_levels(Path(spec["soiled_val"]), (height, width), smoothing_px=config.smoothing_px)
    return DirtySplits(
        train=DirtySets(clean, soiled, read_masks(Path(spec["masks"]))),
        val=DirtySets(np.array(clean_val), np.array(soiled_val), val),
    )


def _note(entry: dict[str, Any], pace: Pace) -> str:
    return describe_entry(entry, pace, validated="val_found_iou", title="IoU")


if __name__ == "__main__":
    serve(_train)
