"""Trains one segmentation network on one set of images with label maps; its checkpoint is chosen on R_val."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from blender_assets.both_sides.child_protocol import Report, serve
from models.configs import WeightsFile, from_plain
from models.segmentation.config import SegmentationConfig
from tasks.artifacts.recipe import SourceFiles
from tasks.building.steps import step
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
from tasks.training.start_weights import found
from tasks.training.trainable import Change, Trainable


@dataclass(frozen=True, kw_only=True)
class SegmenterRun:
    """One segmenter with its seed: all that decides its weights beside the images."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    segmenter: SegmentationConfig
    seed: int
    threads: int

    def settled(self) -> "SegmenterRun":
        """The same with the precision that `auto` is on this machine."""
        return replace(self, segmenter=self.segmenter.settled())


@step("segmenter", libraries=("torch", "torchvision", "numpy"), is_resumable=True)
def train_segmenter(
    out: Path,
    config: SegmenterRun,
    train: Path,
    val: Path,
    guessed: list[Path],
    start: list[Path],
    weights: SourceFiles,
    scratch: Path,
) -> None:
    """`segmenter.pt`, `history.json` and `history.csv`. Resumes bit for bit after a kill.

    `guessed` are up to one set with pseudo-labels, `start` up to one segmenter to go on from, which comes before the
    weights that `config` names.
    """
    inputs = {"train": train, "val": val, "guessed": guessed, "start": start, "weights": weights}
    spec = training_spec(config.segmenter.settled(), seed=config.seed, out=out, scratch=scratch, **inputs)
    processes = config.segmenter.processes
    run_training("tasks.training.segmenter_training", spec, threads=config.threads, processes=processes)


def _each_weights(run: SegmenterRun, change: Change) -> SegmenterRun:
    segmenter = run.segmenter
    changed = change("segmenter.weights", segmenter.weights)
    assert changed != "people_synthetic", "the form of a segmenter has no such weights"
    return replace(run, segmenter=replace(segmenter, weights=changed))


TRAINABLE = Trainable(
    step=train_segmenter,
    config=SegmenterRun,
    inputs={"train": "label-maps", "val": "label-maps", "guessed": "label-maps", "start": "segmenter"},
    many=("guessed", "start"),
    each_weights=_each_weights,
)


def _train(spec: dict[str, Any], report_progress: Report) -> None:
    import torch

    from models.segmentation.data import Splits
    from models.segmentation.training import train_segmenter as train
    from models.training.supervised import Hooks

    torch.set_num_threads(spec["threads"])
    scratch, pace = Path(spec["scratch"]), Pace()
    config = from_plain(SegmentationConfig, spec["config"])
    config = replace(config, weights=_start_weights(config, spec))
    sets = [load_segmentation_set(Path(folder)) for folder in (spec["train"], spec["val"], *spec["guessed"])]
    state = train(
        config,
        Splits(*sets),
        seed=spec["seed"],
        resume=resume_point(scratch, kind="segmenter", config=config),
        hooks=Hooks(
            save=saver(scratch),
            report=lambda entry: report_progress(entry["step"], entry["total_steps"], _note(entry, pace)),
        ),
    )
    told = {"config": spec["config"], KEY: describe_segmentation_set(Path(spec["train"]))}
    write_result(Path(spec["out"]), "segmenter", state | told)


def _start_weights(config: SegmentationConfig, spec: dict[str, Any]) -> Any:
    if not spec["start"]:
        return found(config.weights, spec["weights"])
    (folder,) = spec["start"]
    return WeightsFile(path=str(Path(folder) / "segmenter.pt"))


def _note(entry: dict[str, Any], pace: Pace) -> str:
    return describe_entry(entry, pace, validated="val_mean_iou", title="mIoU")


if __name__ == "__main__":
    serve(_train)
