"""How a refiner's section of a configuration is read: by its family, with its mistakes in a line each."""

import pytest
from prefect.utilities.callables import parameter_schema
from prefect.utilities.schema_tools import ValidationError, validate
from pydantic import TypeAdapter

from flows.people.config import PeopleConfig
from flows.people.flow import augment
from flows.pipelines.loading import find_mistakes
from models.translation.families.aggan_config import AgganConfig
from models.translation.families.cyclegan_config import CycleganConfig
from models.translation.families.one_way_config import OneWayConfig, OneWayLosses
from models.translation.families.unit_config import UnitConfig, UnitLosses
from models.translation.networks.configs import AttentionConfig
from tasks.training.refiner_forms import RefinerToTrain

RUN = {"name": "x", "sample_site": {}}


@pytest.mark.parametrize(
    ("values", "config"),
    [
        ({}, CycleganConfig()),
        ({"epochs": 3}, CycleganConfig(epochs=3)),
        ({"family": "aggan", "attention": {"filters": 4}}, AgganConfig(attention=AttentionConfig(filters=4))),
        ({"family": "one_way", "losses": {"contrast": 2}}, OneWayConfig(losses=OneWayLosses(contrast=2))),
        ({"family": "unit", "losses": {"kl": 2}}, UnitConfig(losses=UnitLosses(kl=2))),
    ],
)
def test_the_family_decides_what_a_section_is_read_as(values, config):
    assert TypeAdapter(RefinerToTrain).validate_python(values) == config
    assert PeopleConfig.model_validate(RUN | {"refiner": values}).refiner == config
    assert TypeAdapter(RefinerToTrain).validate_python(config) is config


@pytest.mark.parametrize(
    ("refiner", "mistake"),
    [
        (
            {"family": "munit"},
            "refiner: family must be one of cyclegan, aggan, one_way, unit, but was 'munit'.",
        ),
        (
            {"losses": {"contrast": 1}},
            "refiner: losses.contrast is no setting of the family cyclegan: one_way has it; leave it out, or set family: "
            "one_way.",
        ),
        ({"losses": {"vgg": 1}}, "refiner.losses.vgg is not a known field; check its spelling, or remove it"),
        (
            {"family": "aggan", "attention": {"filterz": 1}},
            "refiner.attention.filterz is not a known field; check its spelling, or remove it",
        ),
        (5, "refiner must be a section with fields of its own, e.g. {FIELD: VALUE}, but was 5"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_field_and_not_the_alternative(refiner, mistake):
    (found,) = find_mistakes(RUN | {"refiner": refiner}, PeopleConfig)
    assert found.startswith(mistake)


def test_a_form_takes_a_refiner_with_and_without_its_family_and_refuses_what_is_not_its():
    schema = parameter_schema(augment).model_dump()

    def fill(refiner: dict) -> None:
        validate({"config": RUN | {"refiner": refiner}}, schema, raise_on_error=True)

    for refiner in ({}, {"epochs": 3}, {"family": "aggan", "attention": {"filters": 4}}, {"from": "abcd"}):
        fill(refiner)
    for refiner in ({"family": "munit"}, {"family": "one_way", "attention": {"filters": 4}}, {"epochz": 3}):
        with pytest.raises(ValidationError, match="refiner"):
            fill(refiner)
