import pytest
import torch

from models.detection.config import WeightsFile
from tasks.training.start_weights import described, found, joined, placed, weights_file, without_place


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "vgg16.pt"
    torch.save({"0.weight": torch.zeros(2)}, path)
    return path


def test_the_bytes_of_a_file_count_and_its_place_does_not(file, tmp_path):
    copy = tmp_path / "elsewhere" / file.name
    copy.parent.mkdir()
    copy.write_bytes(file.read_bytes())
    here, there = WeightsFile(path=str(file)), WeightsFile(path=str(copy))
    content = weights_file(here, field="refiner.features.weights").content
    assert weights_file(there, field="refiner.features.weights").content == content
    assert without_place(here) == without_place(there) == WeightsFile(path="vgg16.pt")
    torch.save({"0.weight": torch.ones(2)}, copy)
    assert weights_file(there, field="refiner.features.weights").content != content


@pytest.mark.parametrize("weights", ["none", "imagenet"])
def test_weights_without_a_file_have_no_place(weights, tmp_path):
    assert dict(weights_file(weights, field="detector.weights").files) == {}
    assert without_place(weights) == placed(weights, tmp_path) == found(weights, {}) == weights


def test_a_file_is_relative_to_its_configuration_and_is_read_where_a_step_got_it(tmp_path):
    weights = WeightsFile(path="vgg16.pt")
    assert placed(weights, tmp_path) == WeightsFile(path=str(tmp_path / "vgg16.pt"))
    assert found(weights, {"vgg16.pt": "/store/vgg16.pt"}) == WeightsFile(path="/store/vgg16.pt")


def test_a_missing_file_and_one_without_weights_are_one_clear_line(tmp_path):
    with pytest.raises(
        ValueError, match=r"refiner\.features\.weights\.path is .*none\.pt', but there is no such"
    ):
        weights_file(WeightsFile(path=str(tmp_path / "none.pt")), field="refiner.features.weights")
    (tmp_path / "text.pt").write_text("no weights")
    with pytest.raises(ValueError, match=r"text\.pt is not a file of tensors"):
        weights_file(WeightsFile(path=str(tmp_path / "text.pt")), field="detector.weights")


def test_two_files_of_one_name_are_refused_and_one_file_may_be_named_twice(file, tmp_path):
    other = tmp_path / "elsewhere" / file.name
    other.parent.mkdir()
    other.write_bytes(file.read_bytes())
    parts = [weights_file(WeightsFile(path=str(path)), field="x") for path in (file, file, other)]
    assert dict(joined(parts[:2]).files) == {"vgg16.pt": file}
    with pytest.raises(ValueError, match="have the same name; rename one"):
        joined(parts)


def test_what_a_training_started_from_is_said_in_words():
    assert described("none") == "random weights" and described("imagenet") == "ImageNet weights"
    assert described("people_synthetic").startswith("people_synthetic (people rendered")
    assert described(WeightsFile(path="/somewhere/vgg16.pt")) == "the weights vgg16.pt"


def test_the_kept_weights_are_a_file_whose_bytes_count():
    files = weights_file("people_synthetic", field="detector.weights").files
    assert list(files) == ["people_synthetic.pt"] and files["people_synthetic.pt"].is_file()
