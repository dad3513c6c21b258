import json

import pydantic
import pytest

from models.configs import WeightsFile, from_plain, to_plain
from models.detection.config import AugmentationConfig, DetectorConfig
from models.translation.families.cyclegan_config import CycleganConfig, CycleganLosses
from models.translation.networks.configs import DiscriminatorConfig, GeneratorConfig


class Run(pydantic.BaseModel):
    """As flows/ will embed the configs."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")
    refiner: CycleganConfig = CycleganConfig()
    detector: DetectorConfig = DetectorConfig()


@pytest.mark.parametrize(
    "config",
    [
        CycleganConfig(
            generator=GeneratorConfig(blocks=3), losses=CycleganLosses(discriminator_layers=(1, 2))
        ),
        DetectorConfig(weights=WeightsFile(path="w.pt"), augmentation=AugmentationConfig(rotation="any")),
        DetectorConfig(weights="imagenet"),
    ],
)
def test_a_config_survives_json(config):
    assert from_plain(type(config), json.loads(json.dumps(to_plain(config)))) == config


def test_an_unknown_field_is_refused_with_the_known_ones():
    with pytest.raises(
        ValueError, match=r"has no field stride; its fields are filters, has_spectral_norm, last"
    ):
        from_plain(DiscriminatorConfig, {"stride": 1})


def test_a_run_configuration_reads_them_from_plain_values():
    run = Run.model_validate(
        {"refiner": {"generator": {"blocks": 3}}, "detector": {"weights": {"path": "w.pt"}}}
    )
    assert run.refiner.generator == GeneratorConfig(blocks=3)
    assert run.detector.weights == WeightsFile(path="w.pt")


@pytest.mark.parametrize(
    "values",
    [
        {"refiner": {"generator": {"block": 3}}},
        {"refiner": {"losses": {"vgg": 1}}},
        {"detector": {"stepz": 3}},
        {"detector": {"augmentation": {"rotations": "any"}}},
        {"detector": {"weights": {"file": "w.pt"}}},
    ],
)
def test_a_run_configuration_refuses_unknown_fields_at_every_depth(values):
    with pytest.raises(pydantic.ValidationError):
        Run.model_validate(values)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: CycleganConfig(epochs=3, steps=3), "Exactly one of epochs and steps"),
        (lambda: CycleganConfig(batch_size=0), "batch_size must be >= 1, but was 0"),
        (lambda: CycleganConfig(ema_decay=1.0), "ema_decay must be in 0..1"),
        (lambda: CycleganLosses(discriminator_layers=(0,)), "some of 1, 2, 3, 4"),
        (lambda: CycleganLosses(cycle_pixel=-1.0), "losses.cycle_pixel must be >= 0, but was -1.0"),
        (lambda: DiscriminatorConfig(last_stride=3), "last_stride must be 1 or 2"),
        (lambda: DetectorConfig(dropout=1.0), "dropout must be in 0..1"),
        (lambda: DetectorConfig(weights="vgg"), "none, imagenet, people_synthetic or a path"),
        (lambda: DetectorConfig(network="yolo"), "one of squeezedet, squeezedet_plus, ssdlite320"),
        (lambda: DetectorConfig(network="fcos", dropout=0.1), "dropout is 0.1, but fcos has no such setting"),
        (
            lambda: DetectorConfig(network="fcos", anchors_per_cell=3),
            "anchors_per_cell is 3, but fcos has no such",
        ),
        (lambda: DetectorConfig(trainable_layers=2), "trainable_layers is 2, but squeezedet has no such"),
        (
            lambda: DetectorConfig(network="retinanet", trainable_layers=2),
            "with weights: none all layers must be trained",
        ),
        (
            lambda: DetectorConfig(network="retinanet", trainable_layers=6, weights="imagenet"),
            "trainable_layers must be in 0..5 for retinanet, but was 6",
        ),
        (
            lambda: DetectorConfig(network="squeezedet_plus", weights="imagenet"),
            "torchvision has none for squeezedet_plus",
        ),
        (
            lambda: DetectorConfig(network="ssdlite320_mobilenet_v3_large", batch_size=1),
            "batch_size must be >= 2 for ssdlite320",
        ),
        (
            lambda: DetectorConfig(batch_size=3, augmentation=AugmentationConfig(mosaic_probability=0.5)),
            "batch_size must be >= 4 for mosaics",
        ),
        (lambda: AugmentationConfig(rotation="some"), "none, half_turn or any"),
        (lambda: AugmentationConfig(flip_probability=2.0), "flip_probability must be <= 1"),
    ],
)
def test_values_that_make_no_sense_are_refused_with_their_name(build, message):
    with pytest.raises(ValueError, match=message):
        build()
