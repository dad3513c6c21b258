import json

import pytest

from models.configs import to_plain
from models.translation.config import family_of, read_config
from models.translation.families.aggan_config import AgganConfig, AgganLosses
from models.translation.families.cyclegan_config import CycleganConfig, CycleganLosses
from models.translation.families.one_way_config import OneWayConfig, OneWayLosses
from models.translation.families.unit_config import UnitConfig, UnitLosses
from models.translation.networks.configs import (
    AttentionConfig,
    ContrastConfig,
    DiscriminatorConfig,
    GeneratorConfig,
    UnitDiscriminatorConfig,
    UnitGeneratorConfig,
)


@pytest.mark.parametrize(
    "config",
    [
        CycleganConfig(losses_b=CycleganLosses(cycle_pixel=3.0, discriminator_layers=(2,))),
        AgganConfig(attention=AttentionConfig(threshold=0.2), losses=AgganLosses(cycle_pixel=1.0)),
        OneWayConfig(contrast=ContrastConfig(patches=8), losses=OneWayLosses(contrast=1.0)),
        CycleganConfig(discriminator=DiscriminatorConfig(scales=(1, 2, 4)), weight_decay=1e-4),
        UnitConfig(losses=UnitLosses(kl=0.2), generator=UnitGeneratorConfig(filters=8)),
    ],
    ids=lambda config: config.family,
)
def test_a_checkpoint_gives_the_configuration_back_in_its_family(config):
    assert read_config(json.loads(json.dumps(to_plain(config)))) == config


def test_what_a_configuration_leaves_out_of_the_game_of_unit_is_as_its_paper_has_it():
    config = read_config({"family": "unit", "adversarial": {"augment": ["color"]}})
    assert config.adversarial.loss == "cross_entropy" and config.adversarial.augment == ("color",)


def test_a_configuration_without_family_is_a_cyclegan():
    assert read_config({"epochs": 3}) == CycleganConfig(epochs=3)
    assert [family_of(values) for values in ({}, {"family": "aggan"}, OneWayConfig())] == [
        "cyclegan",
        "aggan",
        "one_way",
    ]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"family": "munit"}, "family must be one of cyclegan, aggan, one_way, unit, but was 'munit'."),
        ({"family": ["aggan"]}, "family must be one of cyclegan, aggan, one_way, unit, but was ['aggan']."),
        (
            {"losses": {"contrast": 1}},
            "losses.contrast is no setting of the family cyclegan: one_way has it; leave it out, or set family: one_way.",
        ),
        (
            {"family": "one_way", "losses": {"cycle_pixel": 0}},
            "losses.cycle_pixel is no setting of the family one_way: cyclegan, aggan and unit have it; leave it out, or "
            "set family: cyclegan.",
        ),
        (
            {"losses_b": {"contrast": 1}},
            "losses_b.contrast is no setting of the family cyclegan: one_way has it; leave it out, or set family: one_way.",
        ),
        (
            {"attention": {"filters": 4}},
            "attention is no setting of the family cyclegan: aggan has it; leave it out, or set family: aggan.",
        ),
    ],
)
def test_what_another_family_has_is_refused_with_its_name(values, message):
    with pytest.raises(ValueError) as caught:
        read_config(values)
    assert str(caught.value) == message


def test_what_no_family_has_is_refused_with_what_there_is():
    with pytest.raises(
        ValueError, match=r"CycleganLosses has no field vgg; its fields are adversarial, cycle_dis"
    ):
        read_config({"losses": {"vgg": 1}})


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (
            lambda: AgganConfig(discriminator=DiscriminatorConfig(norm="none")),
            "discriminator.norm must be instance",
        ),
        (lambda: CycleganConfig(weight_decay=-1.0), "weight_decay must be >= 0, but was -1.0"),
        (
            lambda: OneWayLosses(contrast=-1.0),
            "losses.contrast must be >= 0, but was -1.0; 0 leaves the term out",
        ),
        (lambda: CycleganLosses(feature_norm="l1"), "losses.feature_norm must be euclidean or squared"),
        (lambda: GeneratorConfig(norm="layer"), "generator.norm must be instance or batch, but was 'layer'"),
        (
            lambda: GeneratorConfig(dropout=1.0),
            r"generator.dropout must be in 0..1 \(1 excluded\), but was 1.0",
        ),
        (lambda: DiscriminatorConfig(scales=()), "discriminator.scales must be one factor >= 1 or more"),
        (
            lambda: UnitDiscriminatorConfig(scales=(0,)),
            "discriminator.scales must be one factor >= 1 or more",
        ),
        (lambda: UnitGeneratorConfig(dropout=-0.1), "generator.dropout must be in 0..1"),
        (lambda: UnitGeneratorConfig(blocks=-1), "generator.blocks must be >= 0, but was -1; UNIT uses 3"),
        (lambda: UnitLosses(kl=-0.1), "losses.kl must be >= 0, but was -0.1; 0 leaves the term out"),
    ],
)
def test_values_that_make_no_sense_are_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()
