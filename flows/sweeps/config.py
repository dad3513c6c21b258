"""A sweep as data: a run configuration, and axes along which it varies; in one grid, or in several named sections.

A point of the sweep is the base with one value of every axis, then with `set`, then with the section's own `set`, then with
`--set` of the command line. An axis is a field of the run configuration by its dotted name; of two that touch the same part
the longer name counts. A point that two sections share is one point.
"""

import copy
import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from blender_assets.both_sides.places import is_file
from blender_assets.both_sides.text_reading import printable, shown
from blender_assets.both_sides.yaml_reading import parse_yaml
from flows.configuration.files import apply_overrides, describes_sweep, put, read_mapping
from flows.configuration.mistakes import explain_mistakes
from flows.configuration.run import Name, RunSettings
from flows.pipelines.loading import find_mistakes, pipeline_of, validate
from flows.pipelines.pipeline import Pipeline

SECTION = "section"
_MOST_POINTS = 2000
_SHARED = ("pipeline", "name", "store", "store_cache", "output", "compute")  # of all points of a sweep


class AxisValue(BaseModel):
    """One value of an axis and what it is called in tables; a file's content where the axis named a file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str  # what tables call it
    value: Any  # of the axis's field; the content where a file was named


class SweepSection(BaseModel):
    """One grid of points; without axes it is a single point. The only grid of a plain sweep has no name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = ""  # set in front of its points' names; empty for the only grid of a plain sweep
    title: str = ""  # heading of its part of the page
    grid: dict[str, tuple[AxisValue, ...]] = {}  # values of each axis, a field of the run by its dotted name
    set: dict[str, Any] = {}  # fields of the points of this section, by dotted name


class SweepConfig(BaseModel):
    """A sweep whose files are read: all that its points depend on. `folder` is what relative places are relative to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name  # names the sweep and its page's folder
    folder: str  # absolute; what relative places are relative to
    base: dict[str, Any]  # a whole run configuration, which every point starts from
    sections: tuple[SweepSection, ...]  # grids of points; a plain sweep has one, without a name
    set: dict[str, Any] = {}  # fields of all points by dotted name, e.g. {"refiner.epochs": 20}
    overrides: tuple[str, ...] = ()  # like "refiner.epochs=20"; they come last

    def pipeline(self, source: str = "sweep") -> Pipeline[Any]:
        """Of all points. ValueError where the base or `--set` names none that there is."""
        content = copy.deepcopy(self.base)
        apply_overrides(content, list(self.overrides))
        return pipeline_of(content, source=source)

    def axes(self) -> tuple[str, ...]:
        """Of all sections; where these have names, the first is the section."""
        axes = dict.fromkeys(axis for section in self.sections for axis in section.grid)
        return (*([SECTION] if self.sections[0].name else []), *axes)


@dataclass(frozen=True, eq=False)
class SweepPoint:
    """One configuration of a sweep, and the names of its values on every axis ("" where its section has no such axis).

    `sections`: its values on the axes of each section that holds it.
    """

    values: Mapping[str, str]
    config: RunSettings
    sections: Mapping[str, Mapping[str, str]]


class SectionFile(BaseModel):
    """What a person writes of one section."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = ""  # heading of its part of the page
    set: dict[str, Any] = {}  # fields of its points by dotted name, after the grid
    grid: dict[str, list[Any]] = {}  # values by dotted name of a field; NAME.yaml: those of a file

    @model_validator(mode="after")
    def _has_points(self) -> "SectionFile":
        for axis, values in self.grid.items():
            if axis.split(".")[0] in _SHARED:
                raise ValueError(
                    f"grid.{printable(axis)} cannot vary: all points of a sweep share {', '.join(_SHARED)}"
                )
            if not values:
                raise ValueError(f"grid.{printable(axis)} is empty; give it values, or remove it")
        return self


class SweepFile(SectionFile):
    """What a person writes."""

    name: Name  # names the sweep and its page's folder
    base: str  # the run file that every point starts from, relative to this file
    sections: dict[str, SectionFile] = {}  # grids by name, in the place of one; their `set` comes last

    @model_validator(mode="after")
    def _has_one_form(self) -> "SweepFile":
        if bool(self.grid) == bool(self.sections):
            raise ValueError(
                "exactly one of grid (axes with values) and sections (each with a grid) must be given"
            )
        return self


def is_sweep(path: Path) -> bool:
    """Whether a file describes a sweep and not one run."""
    return describes_sweep(read_mapping(path))


def load_sweep(path: Path, overrides: list[str]) -> SweepConfig:
    """Read a sweep and the files that it names; `overrides` are like "refiner.epochs=20" and come last.

    Raises ValueError with every wrong field of every point in one line.
    """
    content = read_mapping(path)
    if not describes_sweep(content):
        raise ValueError(f"{path} has no grid: it is no sweep; give a single run to `python -m flows run`")
    try:
        file = SweepFile.model_validate(content)
    except ValidationError as error:
        raise ValueError("; ".join(f"{path}: {mistake}" for mistake in explain_mistakes(error))) from None
    base_path = path.parent / file.base
    base = read_mapping(base_path)
    if describes_sweep(base):
        raise ValueError(f"{path}: base is {file.base!r}, but that is a sweep; name a run configuration")
    plain = {"": SectionFile(title=file.title, grid=file.grid)}
    sections = tuple(_read_section(name, item, path) for name, item in (file.sections or plain).items())
    config = SweepConfig(
        name=file.name,
        folder=str(base_path.parent.resolve()),
        base=base,
        sections=sections,
        set=file.set,
        overrides=tuple(overrides),
    )
    list_points(config, source=str(path))
    return config


def list_points(config: SweepConfig, *, source: str = "sweep") -> list[SweepPoint]:
    """Every combination of the axes' values, section by section, the last axis fastest; none twice.

    Raises ValueError with every wrong field of every point in one line, and for two points of a section that are the same.
    """
    _check_count(config, source)
    form = config.pipeline(source).config
    named = [
        (section, dict(zip(section.grid, values, strict=True)))
        for section in config.sections
        for values in itertools.product(*section.grid.values())
    ]
    contents = [_content(config, section, values, source) for section, values in named]
    names = [_values(config, section, values) for section, values in named]
    _check(contents, names, source, form)
    points = [
        SweepPoint(
            values,
            validate(content, form, source=source).placed(Path(config.folder)),
            {section.name: {axis: value.name for axis, value in own.items()}},
        )
        for (section, own), values, content in zip(named, names, contents, strict=True)
    ]
    _check_different(points, source)
    return _merge(points)


def _check_count(config: SweepConfig, source: str) -> None:
    """ValueError for more points than anybody runs, which would take minutes and all memory to write out."""
    count = sum(math.prod(map(len, section.grid.values())) for section in config.sections)
    if count > _MOST_POINTS:
        raise ValueError(
            f"{source}: the grids have {count} points, but at most {_MOST_POINTS} are run; give an axis fewer values, or "
            "sweep axes one after another in sections"
        )


def _values(config: SweepConfig, section: SweepSection, values: dict[str, AxisValue]) -> dict[str, str]:
    names = {SECTION: section.name} | {axis: value.name for axis, value in values.items()}
    return {axis: names.get(axis, "") for axis in config.axes()}


def _merge(points: list[SweepPoint]) -> list[SweepPoint]:
    """Points of equal configuration as one, which goes by its values in the first section and by all sections' names."""
    merged: list[SweepPoint] = []
    for point in points:
        twin = next((number for number, other in enumerate(merged) if other.config == point.config), None)
        if twin is None:
            merged.append(point)
            continue
        sections = {**merged[twin].sections, **point.sections}
        values = dict(merged[twin].values) | {SECTION: " and ".join(sections)}
        merged[twin] = SweepPoint(values, point.config, sections)
    return merged


def describe(values: Mapping[str, str]) -> str:
    """Values of axes in short: words stand for themselves, numbers after the last part of their axis."""
    words = (
        f"{axis.rpartition('.')[2]} {name}" if _is_bare(name) else name
        for axis, name in values.items()
        if name
    )
    return printable(", ".join(words))


def _is_bare(name: str) -> bool:
    """Whether a value says nothing without its axis."""
    try:
        return not isinstance(parse_yaml(name, source="a value"), str)
    except ValueError:  # text like "a: [" that only stands for itself
        return False


def _read_section(name: str, file: SectionFile, path: Path) -> SweepSection:
    grid = {axis: _read_axis(axis, values, path) for axis, values in file.grid.items()}
    return SweepSection(name=name, title=file.title, grid=grid, set=file.set)


def _read_axis(axis: str, values: list[Any], path: Path) -> tuple[AxisValue, ...]:
    read = tuple(_read_value(value, axis, path) for value in values)
    names = [value.name for value in read]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(
            f"{path}: grid.{printable(axis)} has {twice!r} twice; remove one, or rename one of the files"
        )
    return read


def _read_value(value: Any, axis: str, path: Path) -> AxisValue:
    if not (isinstance(value, str) and value.endswith(".yaml")):
        text = value if isinstance(value, str) else yaml.safe_dump(value, default_flow_style=True, width=1000)
        return AxisValue(name=printable(text.removesuffix("\n...\n").strip()), value=value)
    file = path.parent / value
    if not is_file(file):
        raise ValueError(
            f"{path}: grid.{printable(axis)} names {shown(value)}, but there is no such file beside the sweep"
        )
    return AxisValue(name=file.stem, value=read_mapping(file))


def _content(
    config: SweepConfig, section: SweepSection, values: dict[str, AxisValue], source: str
) -> dict[str, Any]:
    content = copy.deepcopy(config.base) | {"name": config.name}
    grid = {axis: value.value for axis, value in values.items()}
    own = f"sections.{section.name}." if section.name else ""
    for fields, origin in ((grid, f"{own}grid"), (config.set, "set"), (section.set, f"{own}set")):
        # A section before its fields, whatever their order in the file.
        for name in sorted(fields, key=lambda name: name.count(".")):
            put(content, name, copy.deepcopy(fields[name]), source=f"{source}: {origin}.{name}")
    apply_overrides(content, list(config.overrides))
    return content


def _check(
    contents: list[dict[str, Any]], names: list[dict[str, str]], source: str, form: type[RunSettings]
) -> None:
    """A mistake of all points is named once, another one with its points."""
    where: dict[str, list[str]] = {}
    for content, values in zip(contents, names, strict=True):
        for mistake in find_mistakes(content, form):
            where.setdefault(mistake, []).append(describe(values))
    lines = [
        f"{source}: {mistake}" + ("" if len(points) == len(contents) else f" (in {' and in '.join(points)})")
        for mistake, points in where.items()
    ]
    if lines:
        raise ValueError("; ".join(lines))


def _check_different(points: list[SweepPoint], source: str) -> None:
    for first, second in itertools.combinations(points, 2):
        if first.sections.keys() == second.sections.keys() and first.config == second.config:
            raise ValueError(
                f"{source}: the points ({describe(first.values)}) and ({describe(second.values)}) are the same "
                "configuration; remove a value that is listed twice or that `set` overrides"
            )
