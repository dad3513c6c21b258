"""YAML as people write it: a key that is given twice is refused, where a plain reader keeps the last one without a word."""

from pathlib import Path
from typing import Any

import yaml


class _OnceLoader(yaml.SafeLoader):
    """Refuses a mapping with the same key twice."""

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


def read_yaml(path: Path) -> Any:
    """The content of a YAML or JSON file; ValueError in one line, with the file's name, where it is none."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path} is not in UTF-8 (its byte {error.start} is none of it); save it in this encoding"
        ) from None
    return parse_yaml(text, source=str(path))


def parse_yaml(text: str, *, source: str) -> Any:
    """`text` as YAML; ValueError in one line that begins with `source`."""
    try:
        return _OnceLoader(text).get_single_data()
    except yaml.YAMLError as error:
        raise ValueError(f"{source} is not valid YAML or JSON: {' '.join(str(error).split())}") from None
    except ValueError as error:  # also a date like 2026-13-45
        raise ValueError(f"{source}: {error}") from None
