import pytest
import torch

from models.configs import to_plain
from models.detection import people_synthetic
from models.detection.config import DetectorConfig
from models.detection.weights import build_network, build_started_network
from models.training.checkpoints import save_checkpoint

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
