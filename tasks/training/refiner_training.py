"""Trains the refiner that makes synthetic crops look like real ones (Algorithms 7 and 8 of the thesis)."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from blender_assets.both_sides.child_protocol import Report, serve
from models.translation.domains import Domains, array_domain
from tasks.artifacts.recipe import SourceFiles
from tasks.building.steps import step
from tasks.formats.crops import REGION_BITS, read_crop_pixels, read_crop_regions
from tasks.training.in_a_child import (
    run_training,
    training_spec,
)
from tasks.training.trainable import Trainable
from tasks.training.translator_runs import RefinerRun, each_run_weights, train_between

if TYPE_CHECKING:
    pass


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
    each_weights=each_run_weights,
)


def _train(spec: dict[str, Any], report_progress: Report) -> None:
    train_between(_read_domains(spec), spec, report_progress)


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
