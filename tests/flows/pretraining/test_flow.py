import json
from pathlib import Path

import pytest

from models.arithmetic.precision import settle
from models.detection import people_synthetic
from tasks.detection.opened_detectors import open_detector
from tests.flows.command_runs import run

TINY = """
pipeline: pretraining
name: tiny
store: {folder}/store
output: {folder}/weights
rooms: {{train: 1, held_out: 1, photo: {{width_px: 64, height_px: 64, samples: 1}}}}
render:
  scenes_per_background: 1
  settings: {{standing_people: [1, 1], sitting_people: [0, 0], samples: 1}}
detection: {{target: person, input_width_px: 64, input_height_px: 64}}
detector: {{has_batch_norm: true, steps: 2, batch_size: 2, eval_every_steps: 1}}
training: {{detector_seeds: 1}}
"""


@pytest.fixture
def tiny_pretraining(tmp_path) -> Path:
    path = tmp_path / "pretrain.yaml"
    path.write_text(TINY.format(folder=tmp_path))
    return path


def test_pretraining_leaves_weights_that_load_and_a_card_and_builds_nothing_again(tiny_pretraining):
    code, output, (built, _, failed) = run(tiny_pretraining, command="run")
    assert code == 0 and built > 8 and failed == 0, output
    weights = tiny_pretraining.parent / "weights" / "people_synthetic.pt"
    assert f"weights: {weights}" in output
    assert people_synthetic.load(weights).keys() == people_synthetic.load().keys()
    detector = open_detector(weights)
    assert (detector.width_px, detector.height_px, detector.target) == (64, 64, "person")
    card = weights.with_suffix(".md").read_text()
    assert "| images | 1 | 1 |" in card and "No real image was seen" in card
    assert json.loads(card.split("```json")[1].split("```")[0])["detector"]["steps"] == 2
    (record,) = (tiny_pretraining.parent / "store/runs").glob("*.json")
    assert json.loads(record.read_text())["config"]["detector"]["precision"] == settle("auto", "auto")
    code, output, (built, _, failed) = run(tiny_pretraining, command="run")
    assert (code, built, failed) == (0, 0, 0), output
