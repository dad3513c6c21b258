import json

import pydantic
import pytest

from models.configs import WeightsFile, from_plain, to_plain
from models.detection.config import AugmentationConfig, DetectorConfig
from models.translation.config import DiscriminatorConfig, GeneratorConfig, LossWeights, RefinerConfig


class Run(pydantic.BaseModel):
    """As flows/ will embed the configs."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")
    refiner: RefinerConfig = RefinerConfig()
    detector: DetectorConfig = DetectorConfig()


@pytest.mark.parametrize(
    "config",
    [
        RefinerConfig(generator=GeneratorConfig(blocks=3), losses=LossWeights(discriminator_layers=(1, 2))),
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
        (lambda: RefinerConfig(epochs=3, steps=3), "Exactly one of epochs and steps"),
        (lambda: RefinerConfig(batch_size=0), "batch_size must be >= 1, but was 0"),
        (lambda: RefinerConfig(ema_decay=1.0), "ema_decay must be in 0..1"),
        (lambda: LossWeights(discriminator_layers=(0,)), "some of 1, 2, 3, 4"),
        (lambda: LossWeights(cycle_pixel=-1.0), "losses.cycle_pixel must be >= 0, but was -1.0"),
        (lambda: DiscriminatorConfig(last_stride=3), "last_stride must be 1 or 2"),
        (lambda: DetectorConfig(dropout=1.0), "dropout must be in 0..1"),
        (lambda: DetectorConfig(weights="vgg"), "none, imagenet or a path"),
        (lambda: AugmentationConfig(rotation="some"), "none, half_turn or any"),
        (lambda: AugmentationConfig(flip_probability=2.0), "flip_probability must be <= 1"),
    ],
)
def test_values_that_make_no_sense_are_refused_with_their_name(build, message):
    with pytest.raises(ValueError, match=message):
        build()
