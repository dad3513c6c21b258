"""Applies a trained refiner to the crops of one shard of scenes."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from tasks.cropping import read_crops
from tasks.images import write_png
from tasks.steps import step
from tasks.training import run_training


class RefiningConfig(BaseModel):
    """How crops are passed through the refiner; the results do not depend on it but for the last bits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    batch_size: int = 8
    threads: int = 1


@step("refined-crops", libraries=("torch", "numpy", "opencv-python-headless"))
def refine_crops(out: Path, config: RefiningConfig, crops: Path, refiner: Path) -> None:
    """`crops.npy` with the refined pixels in the order of the crops, and PNGs to look at."""
    if len(read_crops(crops)) == 0:
        np.save(out / "crops.npy", np.load(crops / "crops.npy"))
    else:
        spec = {"crops": str(crops), "refiner": str(refiner / "refiner.pt"), "batch_size": config.batch_size}
        run_training("tasks.refining", {**spec, "out": str(out)}, threads=config.threads)
    shutil.copyfile(crops / "crops.json", out / "crops.json")
    for crop, pixels in zip(read_crops(out), np.load(out / "crops.npy"), strict=True):
        write_png(out / "images" / crop.name, pixels)


def _refine(spec: dict[str, Any], progress) -> None:
    import torch

    from models.checkpoints import load_checkpoint
    from models.translation.refining import refine

    torch.set_num_threads(spec["threads"])
    state = load_checkpoint(Path(spec["refiner"]), kind="refiner")
    crops = np.load(Path(spec["crops"]) / "crops.npy")
    refined = refine(state, crops, batch_size=spec["batch_size"])
    np.save(Path(spec["out"]) / "crops.npy", refined)
    change = np.abs(refined.astype(int) - crops).mean() if len(crops) else 0.0
    (Path(spec["out"]) / "change.json").write_text(json.dumps({"mean_grey_levels": float(change)}))
    progress(len(crops), len(crops), "")


if __name__ == "__main__":
    from tasks.child_main import serve

    serve(_refine)
