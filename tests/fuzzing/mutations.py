"""Seeded damage to files: every mutator takes a file's bytes and gives other ones, the same for the same draws."""

import io
import json
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import numpy as np
import torch
import yaml

Mutator = Callable[[bytes, np.random.Generator], bytes]
_WORDS = (
    *(
        "nan",
        "1e400",
        "-1",
        "",
        "0",
        "-0.0",
        "9" * 30,
        "1" * 5000,
        "inf",
        "x",
        "1.0004",
        "true",
        "null",
        "~",
        "*a",
        "&a x",
    ),
    *(
        "!!python/object/apply:os.system [x]",
        "{",
        "}",
        "[",
        "]",
        "[" * 2000,
        "'",
        '"',
        ":",
        "- ",
        "<<: ",
        "=",
        "%",
        "\t",
    ),
    *(
        "\u00fc",
        "\u2028",
        "\\ud800",
        "../../x",
        "/etc/passwd",
        "C:\\x",
        "x" * 300,
        "0x1f",
        "1_0",
        "1,5",
        "12:30:45",
    ),
)
_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, 1.0004, 0.5, -0.5, 1e308, 10**400, 2**63, float("nan"), float("inf")),
    *("", "x", "1", "nan", "1e400", "head", "\u00fc", "\x00", "\ud800", "../x", "/x", "a\nb", "x" * 300),
    *([], {}, [1], ["x"], [[]], [None], {"x": 1}, {"": None}, [1, 2, 3, 4], [0] * 3, {"1": "person"}),
)


def mutated_bytes(data: bytes, rng: np.random.Generator) -> bytes:
    """Flipped bits, a cut, bytes put in (NUL, marks of byte order, half letters), or a part twice or gone."""
    place, length = int(rng.integers(len(data) + 1)), int(rng.integers(1, 40))
    inserts = (b"\x00", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xc3", b"\x80", b"\r", b"\x1b[31m")
    kind = int(rng.integers(6))
    if kind == 0 and data:
        place = min(place, len(data) - 1)
        return data[:place] + bytes([data[place] ^ 1 << int(rng.integers(8))]) + data[place + 1 :]
    if kind == 1:
        return data[:place]
    if kind == 2:
        return data[:place] + data[place + length :]
    if kind == 3:
        return data[:place] + data[place : place + length] * 2 + data[place + length :]
    if kind == 4:
        return (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")[int(rng.integers(3))] + data
    return data[:place] + inserts[int(rng.integers(len(inserts)))] + data[place:]


def mutated_text(data: bytes, rng: np.random.Generator) -> bytes:
    """A word exchanged, or lines and columns swapped, doubled, indented or gone."""
    lines = data.decode("utf-8", "replace").split("\n")
    row, other = (int(rng.integers(len(lines))) for _ in range(2))
    kind = int(rng.integers(6))
    if kind == 0:
        lines[row], lines[other] = lines[other], lines[row]
    elif kind == 1:
        lines.insert(row, lines[other])
    elif kind == 2:
        del lines[row]
    elif kind == 3:
        lines[row] = " " * int(rng.integers(1, 5)) + lines[row]
    else:
        lines[row] = _with_other_word(lines[row], rng)
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def _with_other_word(line: str, rng: np.random.Generator) -> str:
    words = line.split(" ")
    place = int(rng.integers(len(words)))
    words[place] = _WORDS[int(rng.integers(len(_WORDS)))]
    return " ".join(words)


def mutated_json(data: bytes, rng: np.random.Generator) -> bytes:
    """A node of the tree replaced by another type, gone or doubled, or a key renamed, also to one that is there."""
    tree = _mutated_tree(json.loads(data), rng)
    text = json.dumps(tree, indent=1)
    if int(rng.integers(8)) == 0 and isinstance(tree, dict) and len(tree) > 1:
        first, second = list(tree)[:2]
        text = text.replace(f"{json.dumps(first)}:", f"{json.dumps(second)}:", 1)
    return text.encode()


def mutated_yaml(data: bytes, rng: np.random.Generator) -> bytes:
    """As `mutated_json`, of a YAML file."""
    text = yaml.dump(_mutated_tree(yaml.safe_load(data), rng), sort_keys=False, allow_unicode=True)
    return text.encode("utf-8", "surrogatepass")


def mutated_xml(data: bytes, rng: np.random.Generator) -> bytes:
    """An element's text or name changed, or the element gone, doubled or moved into another one."""
    root = ElementTree.fromstring(data)
    elements = [(parent, child) for parent in root.iter() for child in parent]
    parent, child = elements[int(rng.integers(len(elements)))]
    kind = int(rng.integers(5))
    if kind == 0:
        parent.remove(child)
    elif kind == 1:
        parent.append(child)
    elif kind == 2:
        child.tag = str(rng.choice(["annotation", "annotations", "image", "object", "name", "size", "x"]))
    elif kind == 3:
        elements[int(rng.integers(len(elements)))][0].append(ElementTree.Element("object"))
    else:
        child.text = _WORDS[int(rng.integers(len(_WORDS)))]
    return ElementTree.tostring(root)


def mutated_weights(data: bytes, rng: np.random.Generator) -> bytes:
    """As `mutated_json`, of what `torch.save` wrote; also with tensors of other shapes and kinds."""
    tree = torch.load(io.BytesIO(data), weights_only=True)
    if int(rng.integers(2)):
        tree = _mutated_tree(tree, rng)
    else:
        node, key = next(place for place in _places(tree) if isinstance(place[0][place[1]], torch.Tensor))
        others = (
            torch.zeros(3),
            torch.zeros(0),
            node[key].double(),
            node[key].to_sparse(),
            node[key] * np.nan,
        )
        node[key] = others[int(rng.integers(len(others)))]
    file = io.BytesIO()
    torch.save(tree, file)
    return file.getvalue()


def stacked(first: Mutator, *others: Mutator) -> Mutator:
    """One to three of the mutators, one after the other, mostly the first, which also comes first: it needs a whole file."""
    mutators = (first, first, *others)

    def mutated(data: bytes, rng: np.random.Generator) -> bytes:
        chosen = sorted(int(rng.integers(len(mutators))) for _ in range(int(rng.choice([1, 1, 1, 2, 3]))))
        for number in chosen:
            try:
                data = mutators[number](data, rng)
            except Exception:  # damaged already, so that it is no tree
                data = mutated_bytes(data, rng)
        return data

    return mutated


def _mutated_tree(tree: Any, rng: np.random.Generator) -> Any:
    places = list(_places(tree))
    if not places:
        return _other_value(rng)
    node, key = places[int(rng.integers(len(places)))]
    kind = int(rng.integers(6))
    if kind == 0:
        del node[key]
    elif kind == 1 and isinstance(node, list):
        node.insert(key, node[key])
    elif kind == 1:
        node[("x", "\n", "\x1b[31m", "\ud800")[int(rng.integers(4))] + str(key)] = node.pop(key)
    elif kind == 2 and isinstance(node, dict):
        names = list(node)
        node[names[int(rng.integers(len(names)))]] = node.pop(key)
    elif kind == 3:
        value = node[key]
        node[key] = [value] if int(rng.integers(2)) else {"x": value}
    else:
        node[key] = _other_value(rng)
    return tree


def _places(tree: Any) -> Any:
    """(container, key) of every node below the root."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield tree, key
        yield from _places(value)


def _other_value(rng: np.random.Generator) -> Any:
    if int(rng.integers(20)) == 0:
        deep: Any = []
        for _ in range(int(rng.integers(50, 100))):  # deeper ones are words of `mutated_text`
            deep = [deep]
        return deep
    return _VALUES[int(rng.integers(len(_VALUES)))]
