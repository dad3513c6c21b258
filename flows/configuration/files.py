"""YAML files of configurations, and single fields set in them by dotted names."""

from pathlib import Path
from typing import Any

from blender_assets.both_sides.places import is_file
from blender_assets.both_sides.text_reading import printable, shown
from blender_assets.both_sides.yaml_reading import parse_yaml, read_yaml


def read_mapping(path: Path) -> dict[str, Any]:
    """The content of a YAML file that holds a mapping; ValueError for anything else."""
    if not is_file(path):
        raise ValueError(f"there is no configuration {path}; try flows/configs/people/demo.yaml")
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise ValueError(f"{path} holds no mapping; a run configuration has name, site, render, ...")
    return content


def apply_overrides(content: dict[str, Any], overrides: list[str]) -> None:
    """Change `content` by texts like "refiner.epochs=20", whose values are YAML."""
    for override in overrides:
        name, separator, text = override.partition("=")
        if not separator or not name:
            raise ValueError(f"--set takes field=value, e.g. refiner.epochs=20, but was {override!r}")
        value = parse_yaml(text, source=f"--set {name}")
        put(content, name, value, source=f"--set {override}")


def put(content: dict[str, Any], name: str, value: Any, *, source: str) -> None:
    """Set the field with the dotted `name` in nested mappings; ValueError where one of them is a value."""
    *parents, last = name.split(".")
    section = content
    for parent in parents:
        section = section.setdefault(parent, {})
        if not isinstance(section, dict):
            raise ValueError(
                f"{printable(source)}: {printable(parent)} is a value ({shown(section)}), it has no field {shown(last)}"
            )
    section[last] = value


def describes_sweep(content: dict[str, Any]) -> bool:
    """Whether the content of a file is a sweep's, in one of its two forms, and not a run's."""
    return "grid" in content or "sections" in content
