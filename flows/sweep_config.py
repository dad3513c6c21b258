"""A sweep as data: a run configuration, and axes along which it varies.

A point of the sweep is the base with one value of every axis, then with `set`, then with `--set` of the command line. An
axis is a field of the run configuration by its dotted name; of two that touch the same section the longer name counts.
"""

import copy
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from flows.config_files import apply_overrides, put, read_mapping
from flows.run_config import RunConfig, explain_mistake, find_mistakes, place, validate

_SHARED = ("name", "store", "output", "compute")  # of all points of a sweep


class AxisValue(BaseModel):
    """One value of an axis and what it is called in tables; a file's content where the axis named a file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    value: Any


class SweepConfig(BaseModel):
    """A sweep whose files are read: all that its points depend on. `folder` is what relative places are relative to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    folder: str
    base: dict[str, Any]
    grid: dict[str, tuple[AxisValue, ...]]
    set: dict[str, Any] = {}
    overrides: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class SweepPoint:
    """One configuration of a sweep, and the names of its values on every axis."""

    values: Mapping[str, str]
    config: RunConfig


class _SweepFile(BaseModel):
    """What a person writes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    base: str
    set: dict[str, Any] = {}
    grid: dict[str, list[Any]] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_points(self) -> "_SweepFile":
        for axis, values in self.grid.items():
            if axis.split(".")[0] in _SHARED:
                raise ValueError(f"grid.{axis} cannot vary: all points of a sweep share {', '.join(_SHARED)}")
            if not values:
                raise ValueError(f"grid.{axis} is empty; give it values, or remove it")
        return self


def is_sweep(path: Path) -> bool:
    """Whether a file describes a sweep and not one run."""
    return "grid" in read_mapping(path)


def load_sweep(path: Path, overrides: list[str]) -> SweepConfig:
    """Read a sweep and the files that it names; `overrides` are like "refiner.epochs=20" and come last.

    Raises ValueError with every wrong field of every point in one line.
    """
    try:
        file = _SweepFile.model_validate(read_mapping(path))
    except ValidationError as error:
        raise ValueError("; ".join(f"{path}: {explain_mistake(item)}" for item in error.errors())) from None
    base_path = path.parent / file.base
    base = read_mapping(base_path)
    if "grid" in base:
        raise ValueError(f"{path}: base is {file.base!r}, but that is a sweep; name a run configuration")
    grid = {axis: _read_axis(axis, values, path) for axis, values in file.grid.items()}
    folder = str(base_path.parent.resolve())
    config = SweepConfig(
        name=file.name, folder=folder, base=base, grid=grid, set=file.set, overrides=tuple(overrides)
    )
    list_points(config, source=str(path))
    return config


def list_points(config: SweepConfig, *, source: str = "sweep") -> list[SweepPoint]:
    """Every combination of the axes' values, the last axis fastest.

    Raises ValueError with every wrong field of every point in one line, and for two points that are the same.
    """
    combinations = [
        dict(zip(config.grid, values, strict=True)) for values in itertools.product(*config.grid.values())
    ]
    contents = [_content(config, values, source) for values in combinations]
    names = [{axis: value.name for axis, value in values.items()} for values in combinations]
    _check(contents, names, source)
    points = [
        SweepPoint(values, place(validate(content, source=source), Path(config.folder)))
        for values, content in zip(names, contents, strict=True)
    ]
    _check_different(points, source)
    return points


def describe(values: Mapping[str, str]) -> str:
    """Values of axes in short: words stand for themselves, numbers after the last part of their axis."""
    return ", ".join(
        f"{axis.rpartition('.')[2]} {name}" if _is_bare(name) else name for axis, name in values.items()
    )


def _is_bare(name: str) -> bool:
    """Whether a value says nothing without its axis."""
    return not isinstance(yaml.safe_load(name), str)


def _read_axis(axis: str, values: list[Any], path: Path) -> tuple[AxisValue, ...]:
    read = tuple(_read_value(value, axis, path) for value in values)
    names = [value.name for value in read]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"{path}: grid.{axis} has {twice!r} twice; remove one, or rename one of the files")
    return read


def _read_value(value: Any, axis: str, path: Path) -> AxisValue:
    if not (isinstance(value, str) and value.endswith(".yaml")):
        text = value if isinstance(value, str) else yaml.safe_dump(value, default_flow_style=True, width=1000)
        return AxisValue(name=text.removesuffix("\n...\n").strip(), value=value)
    file = path.parent / value
    if not file.is_file():
        raise ValueError(f"{path}: grid.{axis} names {value!r}, but there is no such file beside the sweep")
    return AxisValue(name=file.stem, value=read_mapping(file))


def _content(config: SweepConfig, values: dict[str, AxisValue], source: str) -> dict[str, Any]:
    content = copy.deepcopy(config.base) | {"name": config.name}
    grid = {axis: value.value for axis, value in values.items()}
    for fields, origin in ((grid, "grid"), (config.set, "set")):
        # A section before its fields, whatever their order in the file.
        for name in sorted(fields, key=lambda name: name.count(".")):
            put(content, name, copy.deepcopy(fields[name]), source=f"{source}: {origin}.{name}")
    apply_overrides(content, list(config.overrides))
    return content


def _check(contents: list[dict[str, Any]], names: list[dict[str, str]], source: str) -> None:
    """A mistake of all points is named once, another one with its points."""
    where: dict[str, list[str]] = {}
    for content, values in zip(contents, names, strict=True):
        for mistake in find_mistakes(content):
            where.setdefault(mistake, []).append(describe(values))
    lines = [
        f"{source}: {mistake}" + ("" if len(points) == len(contents) else f" (in {' and in '.join(points)})")
        for mistake, points in where.items()
    ]
    if lines:
        raise ValueError("; ".join(lines))


def _check_different(points: list[SweepPoint], source: str) -> None:
    for first, second in itertools.combinations(points, 2):
        if first.config == second.config:
            raise ValueError(
                f"{source}: the points ({describe(first.values)}) and ({describe(second.values)}) are the same "
                "configuration; remove a value that is listed twice or that `set` overrides"
            )
