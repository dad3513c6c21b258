import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision.models import squeezenet1_1

from models.configs import WeightsFile
from models.features.config import FeaturesConfig
from models.training.checkpoints import load_checkpoint
from models.translation.families.cyclegan_config import CycleganConfig, CycleganLosses
from models.translation.monitoring.config import MonitoringConfig
from models.translation.monitoring.watching import Observation
from models.translation.networks.configs import DiscriminatorConfig, GeneratorConfig
from tasks.artifacts.recipe import SourceFiles
from tasks.training import refiner_training
from tasks.training.in_a_child import Pace
from tasks.training.refiner_training import train_refiner
from tasks.training.translator_runs import Course, RefinerRun
from tests.tasks.trained_here import run_here

TINY = CycleganConfig(
    generator=GeneratorConfig(filters=2, blocks=1),
    discriminator=DiscriminatorConfig(filters=2),
    epochs=None,
    steps=4,
    device="cpu",
    report_every_steps=1,
)


def write_crops(folder: Path, *, seed: int) -> Path:
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(seed)
    np.save(folder / "crops.npy", rng.integers(0, 256, (4, 32, 32, 3), dtype=np.uint8))
    np.save(folder / "regions.npy", rng.integers(0, 4, (4, 32, 32), dtype=np.uint8))
    return folder


def train(tmp_path: Path, config: CycleganConfig, weights: SourceFiles | None = None) -> Path:
    """The output folder; scratch is the same each time."""
    out, scratch = tmp_path / "out", tmp_path / "scratch"
    out.mkdir(exist_ok=True)
    scratch.mkdir(exist_ok=True)
    train_refiner.build(
        out,
        RefinerRun(refiner=config, seed=0, threads=1),
        synthetic=[write_crops(tmp_path / "synthetic", seed=0)],
        real=write_crops(tmp_path / "real", seed=1),
        weights=weights or SourceFiles({}),
        scratch=scratch,
    )
    return out


@pytest.mark.parametrize("processes", [1, 2])
def test_a_refiner_is_trained_by_as_many_processes_as_its_configuration_says(tmp_path, processes):
    losses = CycleganLosses(unchanged_outside=1.0, head_structure=1.0)
    out = train(tmp_path, replace(TINY, losses=losses, epochs=1, steps=None, processes=processes))
    state = load_checkpoint(out / "refiner.pt", kind="refiner")
    assert state["step"] == 4 // processes
    assert {"unchanged_outside", "head_structure"} <= state["history"][-1].keys()
    (observation,) = json.loads((out / "observations.json").read_text())
    assert observation["step"] == state["step"]
    assert observation["figures"].keys() >= {"frechet", "kid", "change_grey_levels", "diversity_ratio"}
    assert "random weights" in observation["extractor"]
    assert (out / "samples" / f"{state['step']:06d}.png").is_file()


def test_what_a_look_found_wrong_is_told_until_the_next_look(tmp_path):
    heard: list[tuple[int, int, str]] = []
    course = Course(lambda *told: heard.append(told), tmp_path, pace=Pace(clock=lambda: 0.0))
    course.pace.left(9, 9)

    def report(step: int) -> None:
        course.report({"step": step, "total_steps": 9, "epoch": 0, "cycle": 0.25})

    def observe(step: int, *warnings: str) -> None:
        grid = np.zeros((4, 4, 3), np.uint8)
        course.observe(
            Observation(step=step, figures={}, warnings=warnings, grid=grid, extractor="", num_images=1)
        )

    report(2)
    observe(2, "Dots.", "All alike.")
    report(3)
    report(4)
    observe(4)
    losses, warned = "epoch 1, cycle 0.25", "at step 2: Dots. All alike. - epoch 1, cycle 0.25"
    assert heard == [(2, 9, losses), (2, 9, warned), (3, 9, warned), (4, 9, warned), (4, 9, losses)]
    assert (tmp_path / "samples/000002.png").is_file()


def test_a_killed_training_goes_on_with_equal_weights_in_another_folder(tmp_path, monkeypatch):
    run_here(monkeypatch, refiner_training)
    monitoring = MonitoringConfig(
        features=FeaturesConfig(network="squeezenet1_1", weights=WeightsFile(path="w.pt"))
    )
    config = replace(TINY, monitoring=monitoring, checkpoint_every_steps=2)
    content = squeezenet1_1(weights=None).state_dict()
    states = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        torch.save(content, tmp_path / name / "w.pt")
        out = train(tmp_path, config, SourceFiles({"w.pt": tmp_path / name / "w.pt"}))
        states.append((out / "refiner.pt").read_bytes())
    assert states[1] == states[0]
