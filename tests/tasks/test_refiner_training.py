import json
from pathlib import Path

import numpy as np
import pytest

from models.checkpoints import load_checkpoint
from models.translation.config import LossWeights, RefinerConfig
from models.translation.network_configs import DiscriminatorConfig, GeneratorConfig
from tasks.artifacts import SourceFiles
from tasks.refiner_training import RefinerRun, train_refiner


def write_crops(folder: Path, *, seed: int) -> Path:
    folder.mkdir()
    rng = np.random.default_rng(seed)
    np.save(folder / "crops.npy", rng.integers(0, 256, (4, 32, 32, 3), dtype=np.uint8))
    np.save(folder / "regions.npy", rng.integers(0, 4, (4, 32, 32), dtype=np.uint8))
    return folder


@pytest.mark.parametrize("processes", [1, 2])
def test_a_refiner_is_trained_by_as_many_processes_as_its_configuration_says(tmp_path, processes):
    config = RefinerConfig(
        generator=GeneratorConfig(filters=2, blocks=1),
        discriminator=DiscriminatorConfig(filters=2),
        losses=LossWeights(unchanged_outside=1.0, head_structure=1.0),
        epochs=1,
        processes=processes,
        device="cpu",
        report_every_steps=1,
    )
    out, scratch = tmp_path / "out", tmp_path / "scratch"
    out.mkdir()
    scratch.mkdir()
    train_refiner.build(
        out,
        RefinerRun(refiner=config, seed=0, threads=1),
        synthetic=[write_crops(tmp_path / "synthetic", seed=0)],
        real=write_crops(tmp_path / "real", seed=1),
        weights=SourceFiles({}),
        scratch=scratch,
    )
    state = load_checkpoint(out / "refiner.pt", kind="refiner")
    assert state["step"] == 4 // processes
    assert {"unchanged_outside", "head_structure"} <= state["history"][-1].keys()
    (observation,) = json.loads((out / "observations.json").read_text())
    assert observation["step"] == state["step"]
    assert observation["figures"].keys() >= {"frechet", "kid", "change_grey_levels", "diversity_ratio"}
    assert "random weights" in observation["extractor"]
    assert (out / "samples" / f"{state['step']:06d}.png").is_file()
