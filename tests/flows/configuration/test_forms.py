"""The forms of the deployments: what each field says, and that a bad value is refused before a run begins."""

import importlib
import re
from dataclasses import dataclass
from typing import get_type_hints

import pytest
import yaml
from prefect.utilities.callables import parameter_schema
from prefect.utilities.schema_tools import validate
from pydantic import BaseModel, Field

from flows.configuration.forms import describe_fields, field_comments
from flows.people.flow import augment
from flows.server.deploy import PREFECT_FILE
from flows.sweeps.flow import sweep

LIMIT = re.compile(r"(at least|more than|at most|less than) -?[0-9.]+")


@dataclass
class Part:
    """A dataclass within."""

    plain: int = 0
    # Two lines
    # above it.
    above: int = 0
    beside: float = 0.5  # metres


class Whole(BaseModel):
    """A form."""

    count: int = Field(default=1, ge=1, le=9)
    share: float | None = Field(default=None, gt=0)  # of all
    source: str = Field(default="", alias="from")  # a key
    part: Part = Part()


class Wider(Whole):
    """A form that has more."""

    length: float = Field(default=1.0, ge=0, description="of a side")
    source: str = ""  # another key


def form_of(flow) -> dict:
    return describe_fields(parameter_schema(flow).model_dump(), get_type_hints(flow.fn))["definitions"]


def test_comments_are_found_behind_within_and_above_a_field():
    assert field_comments(Part) == {"above": "Two lines above it.", "beside": "metres"}
    assert field_comments(Whole) == {"share": "of all", "source": "a key"}
    assert field_comments(Wider) == {"share": "of all", "source": "another key"}


def test_a_field_is_described_by_its_comment_and_its_limits():
    def run(config: Whole, other: Wider) -> None: ...

    schema = describe_fields(parameter_schema(run).model_dump(), get_type_hints(run))
    fields = schema["definitions"]["Whole"]["properties"]
    said = {name: field.get("description") for name, field in fields.items()}
    assert said == {
        "count": "at least 1; at most 9",
        "share": "of all; more than 0",
        "from": "a key",
        "part": None,
    }
    assert schema["definitions"]["Wider"]["properties"]["length"]["description"] == "of a side; at least 0"
    assert schema["definitions"]["Part"]["properties"]["beside"]["description"] == "metres"


@pytest.mark.parametrize(
    "item", yaml.safe_load(PREFECT_FILE.read_text())["deployments"], ids=lambda item: item["entrypoint"]
)
def test_every_field_of_a_form_is_described_by_more_than_its_limits(item):
    module, _, function = item["entrypoint"].partition(":")
    form = form_of(getattr(importlib.import_module(module), function))
    fields = {
        f"{name}.{field}": content.get("description", "")
        for name, definition in form.items()
        for field, content in definition.get("properties", {}).items()
    }
    assert fields and [name for name, words in fields.items() if not LIMIT.sub("", words).strip("; ")] == []


def test_the_forms_of_run_and_sweep_say_what_their_fields_mean():
    form = form_of(augment)
    assert form["PeopleConfig"]["properties"]["output"]["description"] == "folder of the reports"
    assert form["ComputeConfig"]["properties"]["num_workers"]["description"].endswith("; at least 1")
    weights = form["CycleganLosses"]["properties"]
    assert weights["unchanged_outside"]["description"].startswith("mean absolute change outside")
    assert form_of(sweep)["SweepConfig"]["properties"]["folder"]["description"].startswith("absolute;")


@pytest.mark.parametrize(
    ("section", "value", "reason"),
    [
        ("compute", {"num_workers": 0}, "is not valid under any of the given schemas|less than the minimum"),
        ("render", {"scenes_per_background": 0}, "0 is less than the minimum of 1"),
        ("crops", {"sizee_px": 64}, "Additional properties are not allowed"),
    ],
)
def test_a_bad_value_is_refused_by_the_schema(section, value, reason):
    schema = parameter_schema(augment).model_dump()
    config = {"name": "x", "sample_site": {}}
    validate({"config": config}, schema, raise_on_error=True)
    with pytest.raises(Exception, match=reason) as caught:
        validate({"config": config | {section: value}}, schema, raise_on_error=True)
    assert section in str(caught.value)
