"""The page of all fields: docs/configuration.md is what the code says now, and its words are right."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from flows.configuration import reference
from flows.configuration.field_words import classes_in, in_words, list_fields
from flows.configuration.sections import list_sections


@dataclass(frozen=True, kw_only=True)
class Round:
    """A round thing."""

    shape: Literal["round"] = "round"  # what it is
    radius_m: float = 1.0  # of it
    colour: str = "red"  # of both


@dataclass(frozen=True, kw_only=True)
class Square:
    shape: Literal["square"] = "square"  # what it is
    side_m: float = 2.0  # of it
    colour: str = "red"  # of both


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """Of a car."""

    spokes: int = 5  # of the wheel
    rim: Round = field(default_factory=lambda: Round(radius_m=0.3))  # around it


class Lent(BaseModel):
    """A thing of somebody else."""

    owner: str = Field(alias="from", min_length=4)  # who has it


class Car(BaseModel):
    """A car."""

    wheels: tuple[Wheel, ...] = ()  # all of them
    badge: Round | Square = Round()  # in front
    seats: dict[str, Wheel] = {}  # by name
    spare: Wheel = Wheel(spokes=7)  # in the trunk
    tool: Wheel | Lent | None = None  # beside it


def tables() -> dict[str, list[str]]:
    return {
        section.name + section.condition: [field.name for field in section.fields]
        for section in list_sections(Car)
    }


def test_the_page_in_docs_is_what_the_code_says_now(monkeypatch):
    monkeypatch.delenv("VERISIM_PIPELINES", raising=False)
    assert reference.PAGE.read_text() == reference.page(), "run `make reference`"


def test_every_field_of_every_file_is_described():
    sections = [section for kind in reference._kinds() for section in list_sections(kind.form)]
    fields = {f"{section.name}.{item.name}": item.comment for section in sections for item in section.fields}
    assert len(fields) > 300 and [name for name, comment in fields.items() if not comment] == []


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        (int, "whole number"),
        (float | None, "number or null"),
        (bool, "true or false"),
        (Literal["a", "b"], "`a`, `b`"),
        (tuple[float, float], "[number, number]"),
        (tuple[tuple[str, ...], ...], "list of lists of texts"),
        (list[tuple[float, float]] | None, "list of [number, number] or null"),
        (dict[str, float], "mapping of names to numbers"),
        (dict[Literal["train"], list[str]], "mapping of `train` to lists of texts"),
        (Literal["none"] | Round, "`none` or section"),
        (Round | Square, "section"),
        (tuple[Round, ...], "list of sections"),
        (dict[str, Any], "mapping of names to anything"),
        (tuple[Annotated[float, Field(ge=0, le=1)], ...], "list of numbers 0 to 1"),
    ],
)
def test_what_may_stand_in_a_field_is_said_in_words(hint, words):
    assert in_words(hint) == words


def test_limits_follow_and_both_ends_are_said_together():
    class Limited(BaseModel):
        share: float = Field(default=0, ge=0, le=1)
        count: int | None = Field(default=None, gt=0)
        name: str = Field(pattern="^a", max_length=9)
        points: list[float] = Field(min_length=3)

    said = [in_words(item.hint, item.limits) for item in list_fields(Limited, None)]
    assert said[:2] == ["number, 0 to 1", "whole number or null, more than 0"]
    assert said[2] == "text, at most 9 characters, matches `^a`"
    assert said[3] == "list of numbers, at least 3 of them"


def test_sections_within_lists_and_mappings_are_found():
    assert classes_in(tuple[Round, ...] | None) == [(Round, "[]")]
    assert classes_in(dict[str, list[Round]]) == [(Round, ".NAME[]")]
    assert classes_in(Literal["none"] | Wheel) == [(Wheel, "")] and classes_in(str) == []


def test_alternatives_show_what_they_share_once_and_are_told_by_what_one_writes():
    shown = tables()
    assert shown["badge"] == ["colour"]
    assert shown["badge with `shape: round`"] == ["shape", "radius_m"]
    assert shown["badge with `shape: square`"] == ["shape", "side_m"]
    assert shown["tool with `from`"] == ["from"]
    assert shown["tool without `from`"] == ["spokes", "rim"] and "tool.rim" in shown


def test_every_section_is_at_its_place():
    named = ["wheels[]", "wheels[].rim", "seats.NAME", "seats.NAME.rim", "spare", "spare.rim"]
    assert [name for name in tables() if name in named] == named


def test_a_default_is_that_of_its_place():
    found = {
        f"{section.name}.{item.name}": (item.default, item.is_required)
        for section in list_sections(Car)
        for item in section.fields
    }
    assert found["spare.spokes"] == (7, False) and found["wheels[].spokes"] == (5, False)
    assert found["spare.rim.radius_m"] == (0.3, False) and found["tool.from"] == (None, True)


def test_a_section_is_described_by_its_docstring_if_it_has_one_and_by_its_place():
    abouts = {section.name + section.condition: section.about for section in list_sections(Car)}
    place = "tests/flows/configuration/test_reference.py"
    assert abouts["badge with `shape: round`"] == f"A round thing. (`Round` in `{place}`)"
    assert abouts["badge with `shape: square`"] == f"(`Square` in `{place}`)"


def test_a_row_of_the_page_has_name_kind_default_and_comment():
    rows = reference.page().splitlines()
    assert "| `crops.size_px` | whole number, at least 32 | `128` |" in "\n".join(rows)
    (detector_seeds,) = (
        row for row in rows if row.startswith("| `training.detector_seeds` |") and "`3`" in row
    )
    assert "whole number, at least 1" in detector_seeds
    assert any(
        row.startswith("| `refiner.from` | text, at least 4 characters | required | key of") for row in rows
    )
    assert any(
        row.startswith("| `cameras.NAME.lens.model` | `fisheye_equisolid` | required |") for row in rows
    )


def test_what_another_pipeline_has_in_the_same_words_is_not_repeated():
    text = reference.page()
    assert "### `render` in `pretraining`\n\nThe same fields and defaults as above.\n" in text
    assert text.count("| `render.scenes_per_background` |") == 1
    assert text.count("| `training.detector_seeds` |") == 2  # whose default is another one there
