"""Applies a trained refiner to the crops of one shard of scenes."""

import json
import shutil
from pathlib import Path

import numpy as np

from tasks.building.applied_network import AppliedNetworkConfig
from tasks.building.steps import step
from tasks.formats.crops import read_crops
from tasks.images.files import write_png


class RefiningConfig(AppliedNetworkConfig):
    """How crops pass through the refiner."""


@step("refined-crops", libraries=("torch", "numpy", "opencv-python-headless"))
def refine_crops(out: Path, config: RefiningConfig, crops: Path, refiner: Path) -> None:
    """`crops.npy` with the refined pixels in the order of the crops, and PNGs to look at."""
    original = np.load(crops / "crops.npy")
    refined = _refine(original, refiner / "refiner.pt", config) if len(original) else original
    np.save(out / "crops.npy", refined)
    shutil.copyfile(crops / "crops.json", out / "crops.json")
    for crop, pixels in zip(read_crops(out), refined, strict=True):
        write_png(out / "images" / crop.name, pixels)
    change = float(np.abs(refined.astype(int) - original).mean()) if len(original) else 0.0
    (out / "change.json").write_text(json.dumps({"mean_grey_levels": change}), encoding="utf-8")


def _refine(crops: np.ndarray, weights: Path, config: RefiningConfig) -> np.ndarray:
    # Importing torch takes seconds: only a run that refines something pays for it.
    import torch

    from models.training.checkpoints import load_checkpoint
    from models.translation.refining import refine

    torch.set_num_threads(config.threads)
    return refine(
        load_checkpoint(weights, kind="refiner"),
        crops,
        batch_size=config.batch_size,
        device=config.device,
        precision=config.precision,
    )
