from dataclasses import replace

import numpy as np
import pytest
import torch
from torchvision.models import detection as torchvision_detection
from torchvision.models import mobilenet_v3_large, resnet50

from models.configs import WeightsFile
from models.detection.config import DetectorConfig
from models.detection.data import Annotation
from models.detection.networks.registry import place_detector
from models.detection.networks.torchvision_detector import paint_ignored
from models.detection.weights import build_network, build_started_network
from models.training.checkpoints import save_checkpoint
from models.training.imagenet_images import MEAN_RGB, STD_RGB
from tests.models.detection.test_detector_training import TINY, run

SSDLITE, FASTERRCNN = "ssdlite320_mobilenet_v3_large", "fasterrcnn_mobilenet_v3_large_320_fpn"
CPU = torch.device("cpu")
NO_BOXES = np.zeros((0, 4), np.float32)


def count(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize(
    ("network", "builder", "classes", "anchors"),
    [
        ("retinanet", torchvision_detection.retinanet_resnet50_fpn_v2, 2, 9),
        ("fcos", torchvision_detection.fcos_resnet50_fpn, 2, 9),
        (FASTERRCNN, torchvision_detection.fasterrcnn_mobilenet_v3_large_320_fpn, 3, 15),
    ],
)
def test_a_network_has_the_layers_of_torchvisions_own(network, builder, classes, anchors):
    ours = build_network(DetectorConfig(network=network, num_classes=2, anchors_per_cell=anchors))
    theirs = builder(weights=None, weights_backbone=None, num_classes=classes)
    shapes = [{name: value.shape for name, value in each.state_dict().items()} for each in (ours, theirs)]
    assert shapes[0] == shapes[1]


def test_ssdlite_has_the_layers_that_torchvision_gives_it_over_imagenet_weights(monkeypatch):
    weights = mobilenet_v3_large().state_dict()
    enum = torchvision_detection.ssdlite.MobileNet_V3_Large_Weights
    monkeypatch.setattr(enum, "get_state_dict", lambda *args, **kwargs: weights)
    theirs = torchvision_detection.ssdlite320_mobilenet_v3_large(
        weights=None, weights_backbone=enum.IMAGENET1K_V1, num_classes=3
    )
    ours = build_network(DetectorConfig(network=SSDLITE, num_classes=2, anchors_per_cell=6))
    shapes = [{name: value.shape for name, value in each.state_dict().items()} for each in (ours, theirs)]
    assert shapes[0] == shapes[1]


class Oracle(torch.nn.Module):
    """In the place of a network: notes what it is given and answers what it was told to."""

    def __init__(self, answer: object) -> None:
        super().__init__()
        self.answer, self.given = answer, []

    def forward(self, *given: object) -> object:
        self.given.append(given)
        return self.answer


@pytest.mark.parametrize(("network", "first_label"), [(SSDLITE, 1), (FASTERRCNN, 1), ("fcos", 0)])
def test_labels_go_to_a_network_and_come_back_as_it_counts_them(network, first_label):
    found = {
        "boxes": torch.tensor([[1.0, 2.0, 5.0, 9.0]]),
        "scores": torch.tensor([0.5]),
        "labels": torch.tensor([2]),
    }
    config = DetectorConfig(network=network, num_classes=3, device="cpu")
    detector = place_detector(
        config, Oracle([found]), anchors_wh=np.zeros((0, 2)), image_hw=(32, 64), device=CPU
    )
    box = np.array([[3, 3, 8, 9]], np.float32)
    detector.losses(torch.zeros(1, 3, 32, 64), [Annotation(box, np.array([1]), NO_BOXES)])
    targets = detector.network.given[0][1][0]
    assert targets["labels"].tolist() == [1 + first_label]
    assert targets["boxes"].tolist() == [[3, 3, 8, 9]]
    predicted = detector.predict(torch.zeros(1, 3, 32, 64))[0]
    assert predicted.labels.tolist() == [2 - first_label]
    assert predicted.boxes_xyxy.tolist() == [[1, 2, 5, 9]]


def test_images_are_normalised_and_keep_their_size_and_boxes():
    detector = place_detector(
        DetectorConfig(network=SSDLITE, device="cpu"),
        build_network(DetectorConfig(network=SSDLITE)),
        anchors_wh=np.ones((6, 9, 2)),
        image_hw=(96, 130),
        device=CPU,
    )
    image = torch.rand(3, 96, 130, generator=torch.Generator().manual_seed(0))
    box = torch.tensor([[3.0, 5.0, 40.5, 60.25]])
    images, targets = detector.network.transform([image], [{"boxes": box}])
    expected = (image - torch.tensor(MEAN_RGB).view(3, 1, 1)) / torch.tensor(STD_RGB).view(3, 1, 1)
    torch.testing.assert_close(images.tensors[0], expected)
    assert torch.equal(targets[0]["boxes"], box)


@pytest.mark.parametrize(("network", "precision"), [(SSDLITE, "fp32"), (FASTERRCNN, "bf16")])
def test_ssdlite_alone_works_in_float32_on_a_cpu(network, precision):
    # its maps of 1 x 1, where bfloat16 gradients of depthwise convolutions are now and then not numbers
    detector = place_detector(
        DetectorConfig(network=network, precision="bf16", device="cpu"),
        Oracle(None),
        anchors_wh=NO_BOXES,
        image_hw=(32, 64),
        device=CPU,
    )
    assert detector.arithmetic == precision


def test_ignored_regions_are_painted_over_but_for_the_boxes_in_them():
    image = torch.zeros(3, 6, 8)
    box, region = np.array([[2, 1, 4, 3]], np.float32), np.array([[1, 0, 5, 4]], np.float32)
    painted = paint_ignored(image, Annotation(box, np.zeros(1, np.int64), region))
    assert (painted[0] > 0).int().tolist() == [
        [0, 1, 1, 1, 1, 0, 0, 0],
        [0, 1, 0, 0, 1, 0, 0, 0],
        [0, 1, 0, 0, 1, 0, 0, 0],
        [0, 1, 1, 1, 1, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
    ]
    assert painted[:, 0, 1].tolist() == pytest.approx(MEAN_RGB)
    assert image.sum() == 0


STARTS = [
    (SSDLITE, mobilenet_v3_large, "features.0.0.weight", "backbone.features.0.0.0.weight"),
    (FASTERRCNN, mobilenet_v3_large, "features.0.0.weight", "backbone.body.0.0.weight"),
    ("retinanet", resnet50, "layer4.2.conv3.weight", "backbone.body.layer4.2.conv3.weight"),
    ("fcos", resnet50, "conv1.weight", "backbone.body.conv1.weight"),
]


@pytest.mark.parametrize(("network", "classifier", "theirs", "ours"), STARTS)
def test_a_classifiers_weights_reach_the_backbone(tmp_path, network, classifier, theirs, ours):
    torch.save(classifier().state_dict(), tmp_path / "classifier.pt")
    weights = WeightsFile(path=str(tmp_path / "classifier.pt"))
    started, source = build_started_network(DetectorConfig(network=network, weights=weights))
    expected = torch.load(tmp_path / "classifier.pt", weights_only=True)[theirs]
    assert torch.equal(started.state_dict()[ours], expected)
    assert source["source"] == "path"


@pytest.mark.parametrize(("network", "classifier", "theirs", "ours"), STARTS)
def test_imagenet_weights_are_those_of_the_networks_own_backbone(
    monkeypatch, network, classifier, theirs, ours
):
    # Nothing is downloaded: torchvision's enumeration answers with drawn weights under their names.
    drawn: dict[str, dict[str, torch.Tensor]] = {}

    def answer(weights, **options):
        drawn[type(weights).__name__] = classifier().state_dict()
        return drawn[type(weights).__name__]

    monkeypatch.setattr("torchvision.models.WeightsEnum.get_state_dict", answer)
    started, source = build_started_network(DetectorConfig(network=network, weights="imagenet"))
    expected = {"resnet50": "ResNet50_Weights", "mobilenet_v3_large": "MobileNet_V3_Large_Weights"}
    assert list(drawn) == [expected[classifier.__name__]]
    assert torch.equal(started.state_dict()[ours], drawn[expected[classifier.__name__]][theirs])
    assert source == {"source": "imagenet"}


@pytest.mark.parametrize(
    ("network", "layers", "frozen", "trained"),
    [
        (SSDLITE, 1, "backbone.features.1.2.block.0.0.weight", "backbone.features.1.3.0.weight"),
        (FASTERRCNN, 2, "backbone.body.12.block.0.0.weight", "backbone.body.13.block.0.0.weight"),
        ("retinanet", 1, "backbone.body.layer3.0.conv1.weight", "backbone.body.layer4.0.conv1.weight"),
    ],
)
def test_only_the_last_layers_asked_for_are_trained(monkeypatch, network, layers, frozen, trained):
    classifier = resnet50 if network == "retinanet" else mobilenet_v3_large
    monkeypatch.setattr(
        "torchvision.models.WeightsEnum.get_state_dict", lambda *args, **options: classifier().state_dict()
    )
    config = DetectorConfig(network=network, weights="imagenet", trainable_layers=layers)
    parameters = dict(build_started_network(config)[0].named_parameters())
    assert not parameters[frozen].requires_grad
    assert parameters[trained].requires_grad


def test_a_detector_of_ours_is_a_starting_weight_for_other_anchors_and_classes(tmp_path):
    state = run(replace(TINY, network=SSDLITE, steps=2))
    save_checkpoint(tmp_path / "detector.pt", state)
    weights = WeightsFile(path=str(tmp_path / "detector.pt"))
    config = DetectorConfig(network=SSDLITE, anchors_per_cell=3, num_classes=2, weights=weights)
    network, _ = build_started_network(config)
    name = "backbone.extra.0.0.0.weight"
    assert torch.equal(network.state_dict()[name], state["best"]["network"][name])


@pytest.mark.parametrize(
    ("network", "words"),
    [("retinanet", "torchvision's resnet50"), ("squeezedet_plus", "no squeezedet_plus of ours")],
)
def test_a_file_of_another_networks_weights_is_refused_in_one_line(tmp_path, network, words):
    torch.save({"features.0.weight": torch.zeros(1)}, tmp_path / "other.pt")
    config = DetectorConfig(network=network, weights=WeightsFile(path=str(tmp_path / "other.pt")))
    with pytest.raises(ValueError, match=words) as caught:
        build_started_network(config)
    assert "\n" not in str(caught.value)
