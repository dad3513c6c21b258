"""Trains the refiner that makes synthetic crops look like real ones (Algorithms 7 and 8 of the thesis)."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from blender_assets.child_protocol import Report, serve
from models.configs import from_plain, to_plain
from models.translation.config import RefinerConfig
from models.translation.domains import Domains
from tasks.artifacts import SourceFiles
from tasks.cropping import read_crop_pixels, read_crop_regions
from tasks.start_weights import found
from tasks.steps import step
from tasks.training import resume_point, run_training, saver, write_result


@dataclass(frozen=True, kw_only=True)
class RefinerRun:
    """One refiner with its seed: all that decides its weights beside the crops."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    refiner: RefinerConfig
    seed: int
    threads: int


@step("refiner", libraries=("torch", "numpy"), is_resumable=True)
def train_refiner(
    out: Path, config: RefinerRun, synthetic: list[Path], real: Path, weights: SourceFiles, scratch: Path
) -> None:
    """`refiner.pt` and `history.json`, from the crops of S and of R_train. Resumes bit for bit after a kill.

    `weights` holds the file of the network whose features the losses compare, if the configuration names one.
    """
    spec = {
        "config": to_plain(config.refiner),
        "weights": [str(path) for path in weights.files.values()],
        "seed": config.seed,
        "synthetic": [str(folder) for folder in synthetic],
        "real": str(real),
        "out": str(out),
        "scratch": str(scratch),
    }
    run_training("tasks.refiner_training", spec, threads=config.threads, processes=config.refiner.processes)


def _train(spec: dict[str, Any], report_progress: Report) -> None:
    import torch

    from models.processes import join_processes
    from models.translation.training import Hooks
    from models.translation.training import train_refiner as train

    torch.set_num_threads(spec["threads"])
    config = from_plain(RefinerConfig, spec["config"])
    features = replace(config.features, weights=found(config.features.weights, spec["weights"]))
    scratch = Path(spec["scratch"])
    state = train(
        replace(config, features=features),
        _read_domains(spec),
        seed=spec["seed"],
        resume=resume_point(scratch, kind="refiner"),
        hooks=Hooks(
            save=saver(scratch),
            report=lambda entry: report_progress(
                entry["step"], entry["total_steps"], f"epoch {entry['epoch'] + 1}"
            ),
        ),
    )
    if join_processes().is_first:
        write_result(Path(spec["out"]), "refiner", state | {"config": spec["config"]})


def _read_domains(spec: dict[str, Any]) -> Domains:
    folders = [Path(folder) for folder in spec["synthetic"]]
    domains = Domains(
        read_crop_pixels(folders), read_crop_pixels([Path(spec["real"])]), read_crop_regions(folders)
    )
    _check_crops(domains.synthetic_nhwc, domains.real_nhwc)
    return domains


def _check_crops(synthetic: np.ndarray, real: np.ndarray) -> None:
    for name, crops in (("synthetic images", synthetic), ("real training images", real)):
        if len(crops) == 0:
            raise ValueError(
                f"the {name} have no head that can be cropped; annotate heads or persons, "
                "or lower crops.min_head_visibility"
            )


if __name__ == "__main__":
    serve(_train)
