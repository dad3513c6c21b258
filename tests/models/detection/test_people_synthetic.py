import json

import numpy as np
import pytest
import torch

from models.configs import to_plain
from models.detection import people_synthetic
from models.detection.config import DetectorConfig
from models.detection.detecting import detect, load_detector
from models.detection.detector_files import load_detector_file
from models.detection.weights import build_network, build_started_network
from models.training.checkpoints import save_checkpoint
from models.training.pretrained_weights import file_sha256

CONFIG = DetectorConfig(has_batch_norm=True)


def detector_state(config: DetectorConfig = CONFIG) -> dict:
    torch.manual_seed(0)
    return {
        "kind": "detector",
        "config": to_plain(config),
        "best": {"network": build_network(config).state_dict()},
    }


def test_packing_keeps_filters_to_half_precision_and_all_else_exactly(tmp_path):
    state = detector_state()
    path = tmp_path / "people.pt"
    save_checkpoint(path, people_synthetic.pack(state))
    loaded = people_synthetic.load(path)
    for name, value in state["best"]["network"].items():
        assert loaded[name].dtype == value.dtype, name
        torch.testing.assert_close(
            loaded[name], value, rtol=1e-3 if value.ndim == 4 else 0, atol=1e-7 if value.ndim == 4 else 0
        )
    assert path.stat().st_size < 4.5e6


def test_a_detector_without_batch_norm_is_not_packed():
    with pytest.raises(ValueError, match="has_batch_norm: true"):
        people_synthetic.pack(detector_state(DetectorConfig()))


def packed(tmp_path, *, target="person"):
    """A whole detector's state, and the place where it lies packed with its settings."""
    state = detector_state() | {
        "anchors_wh": [[8.0 + k, 9.0] for k in range(9)],
        "image_hw": [48, 64],
        "step": 7,
    }
    state["best"] |= {"threshold": 0.4, "f1": 0.5, "step": 7}
    path = tmp_path / "mine.pt"
    save_checkpoint(path, people_synthetic.pack(state))
    settings = people_synthetic.describe(state, target=target)
    path.with_suffix(".json").write_text(json.dumps(settings))
    return state, path


def test_packed_weights_find_what_the_detector_found_before(tmp_path):
    state, path = packed(tmp_path)
    images = np.random.default_rng(0).integers(0, 255, (1, 48, 64, 3), np.uint8)
    before = detect(state, images, device="cpu", precision="fp32")[0]
    loaded = load_detector_file(path)
    after = detect(loaded, images, device="cpu", precision="fp32")[0]
    assert (loaded["target"], loaded["best"]["threshold"]) == ("person", 0.4)
    assert len(before.scores) > 0
    # filters were rounded to half precision
    np.testing.assert_allclose(after.scores[:3], before.scores[:3], atol=2e-3)
    np.testing.assert_allclose(after.boxes_xyxy[:3], before.boxes_xyxy[:3], atol=0.2)


def test_without_their_settings_packed_weights_say_what_is_missing(tmp_path):
    _, path = packed(tmp_path)
    path.with_suffix(".json").write_text('{"anchors_wh": []}')
    with pytest.raises(ValueError, match="must hold config, anchors_wh, image_hw, target, best"):
        load_detector_file(path)
    path.with_suffix(".json").unlink()
    with pytest.raises(ValueError, match=r"There is no mine\.json beside .*make pretrain"):
        load_detector_file(path)


def test_what_is_no_detector_at_all_is_refused(tmp_path):
    save_checkpoint(tmp_path / "a.pt", {"kind": "refiner"})
    with pytest.raises(ValueError, match="detector"):
        load_detector_file(tmp_path / "a.pt")


def test_the_kept_weights_are_the_published_ones_and_a_whole_detector():
    """The file must not change: its sha256 is part of the key of every training that starts from it."""
    assert file_sha256(people_synthetic.PATH).startswith("a5747ccbf3de9d76")
    state = load_detector_file(people_synthetic.PATH)
    assert load_detector(state, device="cpu").image_hw == (240, 320)
    assert len(state["anchors_wh"]) == state["config"]["anchors_per_cell"]
    assert 0 < state["best"]["threshold"] < 1 and state["target"] == "person"


def test_a_missing_file_names_the_command_that_makes_it(tmp_path):
    with pytest.raises(ValueError, match="make pretrain"):
        people_synthetic.load(tmp_path / "people_synthetic.pt")


def test_the_kept_weights_start_every_layer_but_the_detecting_one():
    config = DetectorConfig(has_batch_norm=True, weights="people_synthetic")
    torch.manual_seed(1)
    network, origin = build_started_network(config)
    kept, own = people_synthetic.load(), network.state_dict()
    assert {name for name in own if not name.startswith("detect.")} == {
        name for name in kept if not name.startswith("detect.")
    }
    assert all(torch.equal(own[name], kept[name]) for name in own if not name.startswith("detect."))
    assert not torch.equal(own["detect.weight"], kept["detect.weight"])
    assert origin["source"] == "people_synthetic" and len(origin["sha256"]) == 64
    assert people_synthetic.PATH.stat().st_size <= 10e6


def test_without_batch_norm_they_are_refused_with_the_fix():
    with pytest.raises(ValueError, match="set network: squeezedet and has_batch_norm: true"):
        DetectorConfig(weights="people_synthetic")
