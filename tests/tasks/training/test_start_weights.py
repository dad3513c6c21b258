import json
from pathlib import Path

import pytest
import torch

from models.detection.config import WeightsFile
from tasks.artifacts.opening import StorePlace
from tasks.artifacts.recipe import Recipe
from tasks.artifacts.store import Store
from tasks.training.start_weights import (
    as_file,
    described,
    found,
    joined,
    placed,
    weights_file,
    without_place,
)


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
    nowhere = StorePlace(str(tmp_path / "nowhere"))
    assert as_file(weights, nowhere, kind="segmenter", field="segmenter.weights") == weights
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


@pytest.fixture
def place(tmp_path):
    """A store with two runs `town`; of the newer one only the training of one arm has ended, with two seeds."""
    store = Store(tmp_path / "store")
    for started, labels in ((1.0, ("plain",)), (2.0, ("plain", "dark, seed 0", "dark, seed 1")), (3.0, ())):
        items = []
        for label in labels:
            recipe = Recipe("segmenter", {"of": f"{started} {label}"}, {}, (), ())
            text = f"{started} {label}"
            store.obtain(recipe, lambda out, text=text: (out / "segmenter.pt").write_text(text))
            items.append({"kind": "segmenter", "key": recipe.key, "label": f"train segmenter on {label}"})
        record = {"run": "town", "started": started, "artifacts": items, "config": {}}
        (store.root / f"runs/{started}.json").write_text(json.dumps(record))
    return StorePlace(str(tmp_path / "store"))


def read(weights: str, place: StorePlace) -> str:
    file = as_file(weights, place, kind="segmenter", field="segmenter.weights")  # type: ignore[arg-type]
    assert isinstance(file, WeightsFile)
    return Path(file.path).read_text(encoding="utf-8")


def test_weights_of_a_run_are_the_file_of_its_first_arm_or_of_the_arm_that_is_named(place):
    # The newest run has no segmenter yet.
    assert read("run:town", place) == "2.0 plain"
    assert read("run:town/dark", place) == "2.0 dark, seed 0"
    assert read("run:town/dark:1", place) == "2.0 dark, seed 1"


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (
            "run:village",
            "segmenter.weights is 'run:village', but the store has no run 'village'; its runs are: town",
        ),
        ("run:town/bright", "its segmenters are: 'run:town/plain', 'run:town/dark:0', 'run:town/dark:1'"),
    ],
)
def test_a_run_or_an_arm_that_is_not_there_is_one_line_with_what_there_is(place, weights, words):
    with pytest.raises(ValueError, match=r"^segmenter\.weights is 'run:") as error:
        read(weights, place)
    assert words in str(error.value) and "\n" not in str(error.value)


def test_without_a_store_or_a_network_of_the_kind_no_run_gives_weights(place, tmp_path):
    with pytest.raises(ValueError, match=r"detector\.weights is .*the run 'town' has no detector; choose"):
        as_file("run:town", place, kind="detector", field="detector.weights")  # type: ignore[arg-type]
    nowhere = StorePlace(str(tmp_path / "nowhere"))
    with pytest.raises(ValueError, match=r"there is no store at .*nowhere; give its folder"):
        as_file("run:town", nowhere, kind="segmenter", field="segmenter.weights")  # type: ignore[arg-type]
    assert not (tmp_path / "nowhere").exists()


def test_what_a_training_started_from_is_said_in_words():
    assert described("none") == "random weights" and described("imagenet") == "ImageNet weights"
    assert described("people_synthetic").startswith("people_synthetic (people rendered")
    assert described("run:town/dark") == "a network of the run town/dark"  # type: ignore[arg-type]
    assert described(WeightsFile(path="/somewhere/vgg16.pt")) == "the weights vgg16.pt"


def test_the_kept_weights_are_a_file_whose_bytes_count():
    files = weights_file("people_synthetic", field="detector.weights").files
    assert list(files) == ["people_synthetic.pt"] and files["people_synthetic.pt"].is_file()
