import pytest
import torch
from torch import nn

from models.training.checkpoints import load_checkpoint, load_tensors, load_weights, save_checkpoint, snapshot


def test_a_state_comes_back_as_it_was(tmp_path):
    state = {"kind": "refiner", "step": 3, "config": {"blocks": 2, "path": None}, "w": torch.randn(2, 3)}
    save_checkpoint(tmp_path / "deep" / "state.pt", state)
    found = load_checkpoint(tmp_path / "deep" / "state.pt", kind="refiner")
    assert torch.equal(found.pop("w"), state.pop("w"))
    assert found == state


def test_a_loaded_state_saved_again_has_the_same_bytes(tmp_path):
    name = "".join(["f", "1"])  # equal to the "f1" below, but another object
    loaded = {"best": {name: 0.5, "path": "".join(["a", "b"])}, "w": torch.randn(2, 3)}
    state = {"kind": "detector", "history": [{"f1": 0.5, "path": "ab"}], "loaded": loaded}
    save_checkpoint(tmp_path / "once.pt", state)
    once = load_checkpoint(tmp_path / "once.pt", kind="detector")
    mixed = {"kind": "detector", "history": state["history"], "loaded": once["loaded"]}
    save_checkpoint(tmp_path / "twice.pt", mixed)
    assert (tmp_path / "twice.pt").read_bytes() == (tmp_path / "once.pt").read_bytes()


def test_a_save_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    save_checkpoint(tmp_path / "state.pt", {"kind": "refiner", "step": 1})
    with pytest.raises(Exception, match="lambda"):
        save_checkpoint(tmp_path / "state.pt", {"kind": "refiner", "step": lambda: 2})
    assert load_checkpoint(tmp_path / "state.pt", kind="refiner")["step"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["state.pt"]


def test_a_file_that_would_run_code_is_refused(tmp_path):
    torch.save({"kind": "refiner", "object": nn.Linear(1, 1)}, tmp_path / "pickle.pt")
    with pytest.raises(ValueError, match="not a file of tensors") as caught:
        load_checkpoint(tmp_path / "pickle.pt", kind="refiner")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04 broken zip"])
def test_a_file_that_is_no_checkpoint_is_refused_in_one_line(tmp_path, content):
    (tmp_path / "state.pt").write_bytes(content)
    with pytest.raises(ValueError, match="not a file of tensors") as caught:
        load_tensors(tmp_path / "state.pt")
    assert "\n" not in str(caught.value)


def test_a_checkpoint_of_another_kind_is_refused(tmp_path):
    save_checkpoint(tmp_path / "state.pt", {"kind": "detector"})
    with pytest.raises(ValueError, match="'detector', but 'refiner' is needed"):
        load_checkpoint(tmp_path / "state.pt", kind="refiner")


def test_weights_of_another_architecture_are_named_in_one_line():
    with pytest.raises(ValueError, match="another architecture than this Linear: size mismatch") as caught:
        load_weights(nn.Linear(2, 3), nn.Linear(2, 4).state_dict())
    assert "\n" not in str(caught.value)


def test_a_snapshot_keeps_values_and_strides_and_does_not_follow_the_original():
    weight = torch.randn(2, 3, 4, 4).contiguous(memory_format=torch.channels_last)
    copy = snapshot({"a": [weight, 1]})["a"][0]
    assert torch.equal(copy, weight)
    assert copy.stride() == weight.stride()
    weight.add_(1)
    assert not torch.equal(copy, weight)
