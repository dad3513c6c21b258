"""The files of detectors that a sweep may name, and the sweep of the thesis that names them."""

from pathlib import Path
from typing import get_args

import pytest
import yaml
from pydantic import TypeAdapter

from flows.sweeps.config import list_points, load_sweep
from models.detection.config import DetectorConfig, NetworkName

CONFIGS = Path("flows/configs/people")
FILES = sorted((CONFIGS / "detectors").glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_is_a_detector(path):
    detector = TypeAdapter(DetectorConfig).validate_python(yaml.safe_load(path.read_text()))
    assert detector.weights == ("none" if detector.network == "squeezedet_plus" else "imagenet")


def test_the_thesis_sweep_trains_every_network_for_equally_many_steps():
    points = list_points(load_sweep(CONFIGS / "sweep_thesis.yaml", []))
    detectors = [point.config.detector for point in points if "detectors" in point.sections]
    assert [detector.network for detector in detectors] == list(get_args(NetworkName))
    assert {detector.steps for detector in detectors} == {10000}
