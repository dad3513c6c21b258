"""YAML as people write it: a key that is given twice is refused, where a plain reader keeps the last one without a word."""

from pathlib import Path
from typing import Any

import yaml

from blender_assets.both_sides.json_reading import read_json
from blender_assets.both_sides.text_reading import read_text, shown

# A few lines of aliases of aliases can stand for billions of values; no configuration has so many.
_MOST_VALUES = 100_000
_TAG = "tag:yaml.org,2002:"
_KINDS = {
    "str": "text",
    "int": "whole number",
    "float": "number",
    "bool": "yes or no",
    "null": "null",
    "timestamp": "date",
    "value": "text",
    "seq": "list",
    "map": "mapping",
}


class _OnceLoader(yaml.SafeLoader):
    """Refuses a mapping with the same key twice, and values that are none of JSON's, but for dates."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        lines: dict[tuple[str, str], int] = {}
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            name, line = (key.tag, key.value), key.start_mark.line + 1
            if name in lines:
                where = f"in line {line}" if line == lines[name] else f"in lines {lines[name]} and {line}"
                raise ValueError(f"{key.value} is given twice, {where}; remove one")
            lines[name] = line
        return node

    def get_single_node(self) -> Any:
        node = super().get_single_node()
        if node is not None and _num_values(node, {}) > _MOST_VALUES:
            raise ValueError(f"its aliases (*NAME) stand for more than {_MOST_VALUES} values; write fewer")
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        kind = _KINDS.get(node.tag.removeprefix(_TAG))
        line = node.start_mark.line + 1
        if kind is None:
            raise yaml.YAMLError(
                f"the tag {shown(node.tag)} in line {line} is not read; write plain values without it"
            )
        try:
            return super().construct_object(node, deep=deep)
        except yaml.YAMLError:
            raise
        except Exception:  # what PyYAML's constructors of numbers and dates raise has no order
            if not isinstance(node, yaml.ScalarNode):
                raise
            value = shown(node.value)
        raise ValueError(f"{value} in line {line} is no {kind}; mend it, or put it in quotes")


def _num_values(node: yaml.Node, known: dict[int, int | None]) -> int:
    """How many values a node stands for, an alias with all that it repeats; ValueError where one holds itself."""
    if id(node) not in known:
        known[id(node)] = None  # until it is counted
        inner = [] if isinstance(node, yaml.ScalarNode) else node.value
        children = [child for item in inner for child in (item if isinstance(item, tuple) else (item,))]
        known[id(node)] = 1 + sum(_num_values(child, known) for child in children)
    count = known[id(node)]
    if count is None:
        raise ValueError(
            f"the value in line {node.start_mark.line + 1} holds itself by an alias; write it out"
        )
    return count


def read_yaml(path: Path) -> Any:
    """The content of a YAML or JSON file; ValueError in one line, with the file's name, where it is none."""
    if path.suffix.lower() == ".json":  # JSON may be indented with tabs
        return read_json(path)
    return parse_yaml(read_text(path), source=str(path))


def parse_yaml(text: str, *, source: str) -> Any:
    """`text` as YAML; ValueError in one line that begins with `source`."""
    try:
        return _OnceLoader(text).get_single_data()
    except yaml.YAMLError as error:
        raise ValueError(f"{source} is not valid YAML or JSON: {_problem(error)}") from None
    except RecursionError:
        raise ValueError(f"{source} holds lists within lists too deep to read; write it flatter") from None
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from None


def _problem(error: yaml.YAMLError) -> str:
    """What PyYAML met, and where, in one line."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return " ".join(str(error).replace(' in "<unicode string>"', "").split())
    words = getattr(error, "problem", None) or getattr(error, "context", None) or "it cannot be read"
    return f"{' '.join(words.split())}, in line {mark.line + 1}, column {mark.column + 1}"
