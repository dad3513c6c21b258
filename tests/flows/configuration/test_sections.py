"""The sections of a configuration file: where each stands, what alternatives share, and what its defaults are."""

from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, Field

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


@dataclass(frozen=True, kw_only=True)
class Electric:
    volts: float = 12  # of all that follows
    amperes: float = 1  # of all that follows
    fuse: int = 3  # of all that follows
    switch: str = "left"  # of all that follows
    wired: bool = True  # of all that follows


@dataclass(frozen=True, kw_only=True)
class Lamp(Electric):
    power: Literal["light"] = "light"  # what it gives
    bulbs: int = 1  # of the lamp


@dataclass(frozen=True, kw_only=True)
class Horn(Electric):
    power: Literal["noise"] = "noise"  # what it gives


@dataclass(frozen=True, kw_only=True)
class First:
    form: Literal["a"] = "a"  # which one
    lamp: Lamp = Lamp()  # in it


@dataclass(frozen=True, kw_only=True)
class Second:
    form: Literal["b"] = "b"  # which one
    lamp: Lamp = Lamp()  # in it
    wheel: Wheel = Wheel()  # in it


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
    signal: Lamp | Horn | Lent | None = None  # at the front
    horn: First | Second | None = None  # two that hold others


def tables() -> dict[str, list[str]]:
    return {
        section.name + section.condition: [field.name for field in section.fields]
        for section in list_sections(Car)
    }


def test_alternatives_are_told_by_what_one_writes():
    shown = tables()
    assert shown["badge with `shape: round`"] == ["shape", "radius_m", "colour"]
    assert shown["badge with `shape: square`"] == ["shape", "side_m", "colour"]
    assert shown["tool with `from`"] == ["from"]
    assert shown["tool without `from`"] == ["spokes", "rim"] and "tool.rim" in shown


def test_many_fields_that_some_alternatives_share_are_shown_once_with_all_of_these():
    signals = {name: fields for name, fields in tables().items() if name.startswith("signal")}
    assert list(signals.items()) == [
        ("signal with `power: light` or `power: noise`", ["volts", "amperes", "fuse", "switch", "wired"]),
        ("signal with `power: light`", ["power", "bulbs"]),
        ("signal with `power: noise`", ["power"]),
        ("signal with `from`", ["from"]),
    ]


def test_a_section_within_is_told_by_the_alternative_that_alone_has_it():
    shown = tables()
    assert shown["horn.lamp"] == ["volts", "amperes", "fuse", "switch", "wired", "power", "bulbs"]
    assert shown["horn.wheel with `form: b`"] == ["spokes", "rim"] and "horn.wheel" not in shown


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
    place = "tests/flows/configuration/test_sections.py"
    assert abouts["badge with `shape: round`"] == f"A round thing. (`Round` in `{place}`)"
    assert abouts["badge with `shape: square`"] == f"(`Square` in `{place}`)"
