"""What may stand in a field, and which sections it holds, in words."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from flows.configuration.field_words import classes_in, in_words, list_fields


@dataclass(frozen=True, kw_only=True)
class Round:
    radius_m: float = 1.0  # of it


@dataclass(frozen=True, kw_only=True)
class Square:
    side_m: float = 2.0  # of it


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
    assert classes_in(Literal["none"] | Square) == [(Square, "")] and classes_in(str) == []
