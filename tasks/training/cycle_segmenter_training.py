"""Trains a segmenter with a cycle back to its images, or without one; its checkpoint is chosen on R_val."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from blender_assets.both_sides.child_protocol import Report, serve
from models.configs import from_plain
from models.cycle_segmentation.config import CycleSegmentationConfig
from tasks.building.steps import step
from tasks.formats.label_maps import read_label_maps
from tasks.formats.segmenters import KEY
from tasks.training.in_a_child import (
    Pace,
    describe_entry,
    resume_point,
    run_training,
    saver,
    training_spec,
    write_result,
)
from tasks.training.segmentation_sets import describe_segmentation_set, load_segmentation_set
from tasks.training.trainable import Trainable

if TYPE_CHECKING:
    from models.cycle_segmentation.data import CycleSets


@dataclass(frozen=True, kw_only=True)
class CycleSegmenterRun:
    """One training with its seed: all that decides its weights beside the images."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    network: CycleSegmentationConfig
    seed: int
    threads: int

    def settled(self) -> "CycleSegmenterRun":
        """The same with the precision that `auto` is on this machine."""
        return replace(self, network=self.network.settled())


@step("cycle-segmenter", libraries=("torch", "torchvision", "numpy"), is_resumable=True)
def train_cycle_segmenter(
    out: Path,
    config: CycleSegmenterRun,
    train: Path,
    val: Path,
    images_only: list[Path],
    labels_only: list[Path],
    scratch: Path,
) -> None:
    """`cycle_segmenter.pt`, `history.json` and `history.csv`. Resumes bit for bit after a kill.

    Of `images_only` no label map is read, of `labels_only` no image.
    """
    inputs = {"train": train, "val": val, "images_only": images_only, "labels_only": labels_only}
    spec = training_spec(config.network.settled(), seed=config.seed, out=out, scratch=scratch, **inputs)
    run_training(
        "tasks.training.cycle_segmenter_training",
        spec,
        threads=config.threads,
        processes=config.network.processes,
    )


TRAINABLE = Trainable(
    step=train_cycle_segmenter,
    config=CycleSegmenterRun,
    inputs={name: "label-maps" for name in ("train", "val", "images_only", "labels_only")},
    many=("images_only", "labels_only"),
)


def _train(spec: dict[str, Any], report_progress: Report) -> None:
    import torch

    from models.cycle_segmentation.training import train_cycle_segmenter as train
    from models.training.supervised import Hooks

    torch.set_num_threads(spec["threads"])
    scratch, pace = Path(spec["scratch"]), Pace()
    config = from_plain(CycleSegmentationConfig, spec["config"])
    state = train(
        config,
        _load_sets(spec),
        seed=spec["seed"],
        resume=resume_point(scratch, kind="cycle_segmenter", config=config),
        hooks=Hooks(
            save=saver(scratch),
            report=lambda entry: report_progress(entry["step"], entry["total_steps"], _note(entry, pace)),
        ),
    )
    told = {"config": spec["config"], KEY: describe_segmentation_set(Path(spec["train"]))}
    write_result(Path(spec["out"]), "cycle_segmenter", state | told)


def _load_sets(spec: dict[str, Any]) -> "CycleSets":
    import numpy as np

    from models.cycle_segmentation.data import CycleSets

    images = [read_label_maps(Path(folder)).images for folder in spec["images_only"]]
    labels = [read_label_maps(Path(folder)).labels for folder in spec["labels_only"]]
    return CycleSets(
        paired=load_segmentation_set(Path(spec["train"])),
        val=load_segmentation_set(Path(spec["val"])),
        images_only=np.concatenate(images) if images else None,
        labels_only=np.concatenate([each for each in labels if each is not None]) if labels else None,
    )


def _note(entry: dict[str, Any], pace: Pace) -> str:
    return describe_entry(entry, pace, validated="val_mean_iou", title="mIoU")


if __name__ == "__main__":
    serve(_train)
