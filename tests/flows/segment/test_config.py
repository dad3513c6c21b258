import pytest
import torch

from flows.commands.command_line import main
from flows.pipelines.loading import load_run
from models.configs import WeightsFile
from models.segmentation.config import SegmentationConfig
from models.segmentation.networks.registry import build_network
from tests.flows.tiny_street import write_tiny_street


def refused(tmp_path, capsys, *overrides: str) -> str:
    """The one line of an `explain` that refuses the tiny run."""
    path = write_tiny_street(tmp_path)
    options = [item for override in overrides for item in ("--set", override)]
    assert main(["explain", str(path), *options]) == 2
    return capsys.readouterr().err.strip().splitlines()[-1]


def test_an_arm_s_segmenter_differs_in_what_the_arm_sets(tmp_path):
    _, config = load_run(write_tiny_street(tmp_path), [])
    assert config.segmenter_of("all") == config.segmenter
    assert config.segmenter_of("few").augmentation.photometric is None
    assert config.segmenter_of("few").steps == config.segmenter.steps
    assert config.label_maps.folder == str(tmp_path / "street")


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("segmenter.num_classes=19", "has 3 classes; set segmenter.num_classes: 3"),
        ("arms={all: {set: {stepz: 3}}}", "arms.all.set: stepz is not a known field"),
        ("arms={all: {set: {steps: -3}}}", "steps must be >= 1, but was -3"),
        ("arms={all: {}, other: {}}", "arms all and other are the same training; remove one"),
        ("arms={}", "arms is empty; name at least one training set"),
        ("label_maps.folder=nowhere", "nowhere"),
        (
            "distance_edges_m=[20, 10]",
            "distance_edges_m must be metres above 0 that rise, but was [20.0, 10.0]",
        ),
        ("segmenter.weights={path: none.pt}", "but there is no such file"),
        ("segmenter.weights=run:village", "segmenter.weights is 'run:village', but there is no store at"),
        ("segmenter.weights=run:tiny/few", "but that is the name of this run; give this run another name"),
        (
            "arms={all: {set: {weights: 'run:'}}}",
            "weights must be none, imagenet, run:NAME, run:NAME/ARM or a path",
        ),
        ("segmenter.weights=3", "segmenter.weights must be none, imagenet, or {path: FILE}, but was 3"),
        ("segmenter.weights={pth: a}", "segmenter.weights.pth is not a known field"),
    ],
)
def test_a_mistake_is_one_line(tmp_path, capsys, override, words):
    line = refused(tmp_path, capsys, override)
    assert line.startswith("error: ") and words in line


def test_files_of_weights_are_relative_to_the_run_file_also_those_of_an_arm(tmp_path):
    sets = {
        "whole": {"weights": {"path": "a.pt"}},
        "field": {"weights.path": "b.pt"},
        "of_run": {"weights": "run:x"},
    }
    arms = {name: {"set": values} for name, values in sets.items()}
    _, config = load_run(write_tiny_street(tmp_path, arms=arms), [])
    assert config.segmenter_of("whole").weights == WeightsFile(path=str(tmp_path / "a.pt"))
    assert config.arms["field"].set == {"weights.path": str(tmp_path / "b.pt")}
    assert config.segmenter_of("of_run").weights == "run:x"


def test_weights_of_another_network_are_refused_before_anything_starts(tmp_path, capsys):
    other = SegmentationConfig(width=0.5, num_classes=3)
    state = {"kind": "segmenter", "best": {"network": build_network(other).state_dict()}}
    torch.save(state, tmp_path / "wider.pt")
    line = refused(tmp_path, capsys, "arms={all: {}, wide: {set: {weights: {path: wider.pt}}}}")
    assert line.startswith(
        "error: segmenter.weights: The weights are of another architecture than this ERFNet"
    )


def test_a_split_without_images_is_named(tmp_path, capsys):
    split = "label_maps.split={train: ['train*', 'val*'], val: ['val_9*'], test: ['test*']}"
    assert "the split 'val'" in refused(tmp_path, capsys, split) and "is empty"
