"""The smallest trainings of what soils, as steps in the test's own process."""

from pathlib import Path
from typing import Any

import numpy as np

from blender_assets.soiling.config import SoilingConfig
from models.segmentation.config import SegmentationConfig, SegmentationLosses
from models.training.checkpoints import load_checkpoint
from tasks.artifacts.recipe import SourceFiles
from tasks.building.steps import Step
from tasks.soiling.quarter_size import reduce_label_maps
from tasks.soiling.stand_in import StandInConfig, StandInSetConfig, soil_stand_in
from tasks.training.segmenter_training import SegmenterRun, train_segmenter
from tests.tasks.soiling.small_sets import write_clean

SHORT: dict[str, Any] = {
    "steps": 4,
    "batch_size": 2,
    "eval_every_steps": 2,
    "checkpoint_every_steps": 2,
    "report_every_steps": 2,
    "precision": "fp32",
    "device": "cpu",
}
SEGMENTER = SegmentationConfig(
    network="erfnet", width=0.25, num_classes=4, losses=SegmentationLosses(pixel="binary"), **SHORT
)


def built(step: Step, out: Path, config: Any, **inputs: Any) -> Path:
    """The folder that the step leaves; a training has `scratch` beside it, which stays."""
    out.mkdir(parents=True)
    if step.is_resumable:
        inputs["scratch"] = out.with_name(f"{out.name}_scratch")
        inputs["scratch"].mkdir(exist_ok=True)
    step.build(out, config, **inputs)
    return out


def small_sets(folder: Path) -> dict[str, Path]:
    """Clean and soiled images of R_train and R_val, of 128 pixels and of a quarter of that (`.._small`)."""
    look = StandInConfig(soiling=SoilingConfig(kinds={"mud": 1}), amounts=(0.5,))
    rough = StandInSetConfig(look=look, pattern_of="image", annotation="coarse")
    found = {}
    for seed, (split, count) in enumerate((("train", 4), ("val", 2))):
        clean = write_clean(folder / f"clean_{split}", count, split=split, seed=seed)
        soiled = built(soil_stand_in, folder / f"soiled_{split}", rough, images=clean)
        for name, own in (("clean", clean), ("soiled", soiled)):
            found[f"{name}_{split}"] = own
            found[f"{name}_{split}_small"] = built(
                reduce_label_maps, folder / f"{name}_{split}_small", None, images=own
            )
    return found


def trained_segmenter(sets: dict[str, Path], out: Path) -> Path:
    run = SegmenterRun(segmenter=SEGMENTER, seed=0, threads=1)
    inputs = {"train": sets["soiled_train_small"], "val": sets["soiled_val_small"]}
    return built(train_segmenter, out, run, guessed=[], start=[], weights=SourceFiles({}), **inputs)


def weights_of(folder: Path, kind: str) -> dict[str, np.ndarray]:

    state = load_checkpoint(folder / f"{kind}.pt", kind=kind)
    return {name: value.numpy() for name, value in state["best"]["network"].items()}
