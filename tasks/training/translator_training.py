"""Trains a translator between two sets of whole images, such as day and night (seed 001)."""

from pathlib import Path
from typing import Any

from blender_assets.both_sides.child_protocol import Report, serve
from models.translation.domains import Domain, Domains
from models.translation.sources import FileSource
from tasks.artifacts.recipe import SourceFiles
from tasks.building.steps import step
from tasks.formats.label_maps import read_label_maps
from tasks.training.in_a_child import run_training, training_spec
from tasks.training.trainable import Trainable
from tasks.training.translator_runs import RefinerRun, each_run_weights, train_between


@step("translator", libraries=("torch", "torchvision", "numpy"), is_resumable=True)
def train_translator(
    out: Path, config: RefinerRun, source: list[Path], target: list[Path], weights: SourceFiles, scratch: Path
) -> None:
    """What the training of a refiner leaves (`refiner.pt`, `history.json` ..), from images of the sets `source` to images
    like those of `target`, and back. No label map is read. Resumes bit for bit after a kill.
    """
    inputs = {"source": source, "target": target, "weights": weights}
    spec = training_spec(config.refiner.settled(), seed=config.seed, out=out, scratch=scratch, **inputs)
    processes = config.refiner.processes
    run_training("tasks.training.translator_training", spec, threads=config.threads, processes=processes)


TRAINABLE = Trainable(
    step=train_translator,
    config=RefinerRun,
    inputs={"source": "label-maps", "target": "label-maps"},
    many=("source", "target"),
    each_weights=each_run_weights,
)


def _train(spec: dict[str, Any], report_progress: Report) -> None:
    domains = Domains(_domain("source", spec["source"]), _domain("target", spec["target"]))
    train_between(domains, spec, report_progress)


def _domain(name: str, folders: list[str]) -> Domain:
    """Read from its files when it is asked for: tens of thousands of images need not fit into memory."""
    height, width, channels = read_label_maps(Path(folders[0])).images.shape[1:]
    return Domain(
        name=name,
        channels=channels,
        height=height,
        width=width,
        images=FileSource([Path(folder) / "images.npy" for folder in folders]),
    )


if __name__ == "__main__":
    serve(_train)
