from dataclasses import fields, replace

import pytest

from models.augmentation.config import GeometricConfig
from models.configs import WeightsFile, from_plain, to_plain
from models.segmentation.config import SegmentationAugmentation, SegmentationConfig, SegmentationLosses
from models.training.supervised_config import SupervisedConfig


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"num_classes": 1}, r"num_classes must be in 2\.\.255, but was 1"),
        ({"num_classes": 256}, r"num_classes must be in 2\.\.255"),
        ({"network": "vnet"}, "network must be one of erfnet, .*lraspp_mobilenet_v3_large, but was 'vnet'"),
        ({"width": 0.1}, r"width must be in 0\.25\.\.4"),
        (
            {"network": "fcn8_resnet50", "width": 0.5},
            "fcn8_resnet50 has no such setting, only erfnet and unet",
        ),
        (
            {"weights": "people"},
            "weights must be none, imagenet, run:NAME, run:NAME/ARM or a path, but was 'people'",
        ),
        ({"weights": "imagenet"}, "erfnet has no backbone, so that weights must be none, run:NAME or a path"),
        ({"backbone_rate_factor": 0.1}, "erfnet has no backbone"),
        ({"network": "fcn8_resnet50", "backbone_rate_factor": -1}, "backbone_rate_factor must be >= 0"),
        ({"network": "deeplabv3plus_resnet50", "batch_size": 1}, "batch_size must be >= 2 for deeplab"),
        ({"steps": 0}, "steps must be >= 1"),
        ({"normalisation": "none"}, "normalisation must be one of imagenet, symmetric, but was 'none'"),
    ],
)
def test_settings_that_mean_nothing_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        SegmentationConfig(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pixel": "l2"}, "losses.pixel must be one of cross_entropy, focal, combined, binary, but was 'l2'"),
        ({"region": "iou"}, "losses.region must be one of none, lovasz, dice"),
        ({"class_weights": "sqrt"}, "losses.class_weights must be one of none, inverse_frequency"),
        ({"cross_entropy_share": 1.5}, r"losses.cross_entropy_share must be in 0\.\.1, but was 1.5"),
        ({"focal_gamma": -1}, "losses.focal_gamma must be >= 0"),
        ({"region_weight": -1}, "losses.region_weight must be >= 0"),
        (
            {"pixel": "binary", "region": "dice"},
            "neither class weights nor regions, but they were none and dice",
        ),
    ],
)
def test_losses_that_mean_nothing_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        SegmentationLosses(**changes)


def test_it_comes_back_from_plain_values():
    config = SegmentationConfig(
        network="deeplabv3plus_resnet50",
        weights=WeightsFile(path="start.pt"),
        losses=SegmentationLosses(pixel="combined", class_weights="enet"),
        augmentation=SegmentationAugmentation(geometric=GeometricConfig(crop_hw=(64, 96)), photometric=None),
    )
    assert from_plain(SegmentationConfig, to_plain(config)) == config


def test_it_is_a_training_of_the_loop_of_all_networks_and_settles_as_one():
    config = SegmentationConfig(device="cpu", num_classes=4)
    assert {field.name for field in fields(SupervisedConfig)} <= {field.name for field in fields(config)}
    assert replace(config.settled(), precision="auto") == config
    assert config.settled().precision == config.arithmetic
