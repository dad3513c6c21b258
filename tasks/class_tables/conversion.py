"""Conversion between class tables by the names of their classes, with what cannot be mapped named."""

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from blender_assets.both_sides.yaml_reading import read_yaml
from tasks.class_tables.table import IGNORED, ClassTable

_FILE = Path(__file__).with_name("conversions.yaml")


@dataclass(frozen=True)
class Conversion:
    """`lookup` uint8 [256] takes training ids of one table to those of another; 255 is ignored.

    `unmapped` are the classes of the first table that become ignored, `missing` those of the second that nothing becomes.
    """

    lookup: np.ndarray
    unmapped: tuple[str, ...]
    missing: tuple[str, ...]

    def line(self, source: str, target: str) -> str:
        """What is lost, in one line."""
        parts = [f"label maps are converted from {source} to {target}"]
        if self.unmapped:
            parts.append(f"ignored, as it has no such class: {', '.join(self.unmapped)}")
        if self.missing:
            parts.append(f"classes that never occur: {', '.join(self.missing)}")
        return "; ".join(parts)


def convert_table(source: ClassTable, target: ClassTable) -> Conversion:
    """By equal names, synonyms and the wider classes of `conversions.yaml`. ValueError where no class is mapped."""
    lookup = np.full(256, IGNORED, np.uint8)
    wider, names = _wider_classes(target), _by_meaning(target)
    unmapped = []
    for train_id, name in enumerate(source.class_names()):
        found = wider.get(_plain(name), names.get(_meaning(name)))
        if found is None:
            unmapped.append(name)
        else:
            lookup[train_id] = found
    if len(unmapped) == source.num_classes:
        raise ValueError(
            f"no class of {source.name} ({', '.join(unmapped[:5])} ..) is one of {target.name} "
            f"({', '.join(target.class_names()[:5])} ..); rename them, or leave the conversion out"
        )
    reached = set(lookup.tolist())
    missing = [name for train_id, name in enumerate(target.class_names()) if train_id not in reached]
    return Conversion(lookup, tuple(unmapped), tuple(missing))


def _by_meaning(table: ClassTable) -> dict[str, int]:
    return {_meaning(name): train_id for train_id, name in reversed(list(enumerate(table.class_names())))}


def _wider_classes(target: ClassTable) -> dict[str, int]:
    train_ids = {name: train_id for train_id, name in enumerate(target.class_names())}
    groups = _rules()["into"].get(target.name, {})
    return {name: train_ids[wide] for wide, names in groups.items() if wide in train_ids for name in names}


def _meaning(name: str) -> str:
    """A name's plain form, or that of the first of its synonyms."""
    plain = _plain(name)
    return next((group[0] for group in _rules()["synonyms"] if plain in group), plain)


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name.split("--")[-1].casefold())


@functools.cache
def _rules() -> dict[str, Any]:
    return read_yaml(_FILE)
