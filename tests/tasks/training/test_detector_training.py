import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torchvision.models import squeezenet1_1

from models.configs import WeightsFile
from models.detection.config import DetectorConfig
from tasks.artifacts.recipe import SourceFiles
from tasks.formats.detection_sets import SetImage
from tasks.training import detector_training
from tasks.training.detector_training import DetectorRun, train_detector
from tests.tasks.trained_here import run_here


def write_set(folder: Path) -> Path:
    """Two images of noise with a white box each."""
    folder.mkdir(exist_ok=True)
    pixels = np.random.default_rng(0).integers(0, 100, (2, 64, 64, 3), dtype=np.uint8)
    pixels[:, 20:40, 20:40] = 255
    np.save(folder / "images.npy", pixels)
    records = [
        asdict(
            SetImage(
                name, "", 1.0, 0.0, 0.0, boxes_xyxy=[(20, 20, 40, 40)], visibilities=[1.0], ignore_xyxy=[]
            )
        )
        for name in "ab"
    ]
    (folder / "images.json").write_text(json.dumps(records))
    return folder


def test_a_killed_training_goes_on_with_equal_weights_in_another_folder(tmp_path, monkeypatch):
    run_here(monkeypatch, detector_training)
    config = DetectorConfig(
        weights=WeightsFile(path="w.pt"),
        steps=2,
        batch_size=1,
        checkpoint_every_steps=1,
        eval_every_steps=2,
        device="cpu",
    )
    data, scratch = write_set(tmp_path / "set"), tmp_path / "scratch"
    scratch.mkdir()
    content, states = squeezenet1_1(weights=None).state_dict(), []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        torch.save(content, tmp_path / name / "w.pt")
        train_detector.build(
            tmp_path / name,
            DetectorRun(detector=config, seed=0, threads=1),
            train=[data],
            val=data,
            weights=SourceFiles({"w.pt": tmp_path / name / "w.pt"}),
            scratch=scratch,
        )
        states.append((tmp_path / name / "detector.pt").read_bytes())
    assert states[1] == states[0]
