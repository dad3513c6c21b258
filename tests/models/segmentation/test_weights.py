from dataclasses import replace

import pytest
import torch
from torch import nn
from torchvision.models import resnet18

from models.configs import WeightsFile, WeightsOfRun
from models.segmentation.config import SegmentationConfig
from models.segmentation.networks.registry import build_network
from models.segmentation.weights import KIND, load_start
from models.training.pretrained_weights import file_sha256

SMALL = SegmentationConfig(width=0.25, num_classes=3)


def start(config: SegmentationConfig) -> tuple[nn.Module, dict]:
    network = build_network(config)
    return network, load_start(network, config)


@pytest.fixture
def trained(tmp_path):
    """Its file, and the weights in it."""
    weights = {name: value + 1 for name, value in build_network(SMALL).state_dict().items()}
    path = tmp_path / "segmenter.pt"
    torch.save({"kind": KIND, "best": {"step": 3, "network": weights}}, path)
    return path, weights


def test_a_segmenter_of_as_many_classes_gives_all_its_layers(trained):
    path, weights = trained
    network, origin = start(replace(SMALL, weights=WeightsFile(path=str(path))))
    assert origin == {"source": "path", "sha256": file_sha256(path), "fresh_layers": []}
    for name, value in network.state_dict().items():
        assert torch.equal(value, weights[name])


def test_of_other_classes_it_gives_all_but_the_last_layer_and_that_is_said(trained):
    path, weights = trained
    config = replace(SMALL, num_classes=5, weights=WeightsFile(path=str(path)))
    network, origin = start(config)
    assert origin["fresh_layers"] == ["output.bias", "output.weight"]
    taken = {name: value for name, value in network.state_dict().items() if not name.startswith("output.")}
    assert all(torch.equal(value, weights[name]) for name, value in taken.items())
    assert network.get_submodule("output").bias.shape == (5,)


def test_torchvisions_classifier_fills_the_backbone_alone(tmp_path):
    classifier = resnet18(weights=None).state_dict()
    torch.save(classifier, tmp_path / "resnet18.pth")
    config = SegmentationConfig(
        network="panoptic_fpn_resnet18", weights=WeightsFile(path=str(tmp_path / "resnet18.pth"))
    )
    network, origin = start(config)
    assert origin["source"] == "path" and "fresh_layers" not in origin
    backbone = network.get_submodule("backbone").state_dict()
    assert set(backbone) == {name for name in classifier if not name.startswith("fc.")}
    assert all(torch.equal(value, classifier[name]) for name, value in backbone.items())


def test_other_files_are_refused_in_one_line(tmp_path, trained):
    torch.save({"layer.weight": torch.zeros(2)}, tmp_path / "other.pth")
    other = WeightsFile(path=str(tmp_path / "other.pth"))
    with pytest.raises(ValueError, match=r"other.pth holds no erfnet of ours; give a segmenter.pt of one"):
        start(replace(SMALL, weights=other))
    with pytest.raises(ValueError, match=r"neither a segmenter nor the weights of torchvision's resnet18"):
        start(SegmentationConfig(network="panoptic_fpn_resnet18", weights=other))
    wider = replace(SMALL, width=0.5, weights=WeightsFile(path=str(trained[0])))
    with pytest.raises(ValueError, match="The weights are of another architecture than this ERFNet"):
        start(wider)
    with pytest.raises(ValueError, match="weights is 'run:town', but runs are not known here; give the path"):
        start(replace(SMALL, weights=WeightsOfRun("run:town")))
    with pytest.raises(ValueError, match="There is no weights file"):
        start(replace(SMALL, weights=WeightsFile(path=str(tmp_path / "none.pt"))))
