"""Training states on disk: tensors and plain values only, written atomically, read without running code."""

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

State = dict[str, Any]


def save_checkpoint(path: Path, state: Mapping[str, Any]) -> None:
    """Write `state` to `path` by temporary file and rename: a reader sees the old file or the new one, never
    half. Equal states give equal bytes, whether they were computed or loaded before.
    """
    path.parent.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        temporary = Path(file.name)
        try:
            torch.save(snapshot(state), file)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    temporary.replace(path)


def load_checkpoint(path: Path, *, kind: str) -> State:
    """The state in `path`; ValueError in one line if it is not a checkpoint of `kind` ("refiner",
    "detector").
    """
    state = load_tensors(path)
    require_kind(state, kind)
    return state


def load_tensors(path: Path) -> Any:
    """What `torch.save` wrote, on the CPU, weights_only; ValueError if there is no such file or it is
    something else.
    """
    if not path.is_file():
        raise ValueError(f"There is no weights file {path}; give the path of a file that torch.save wrote.")
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # on bytes that are no pickle, the unpickler fails in any way there is
        raise ValueError(
            f"{path} is not a file of tensors that torch.save wrote, or it is damaged."
        ) from error


def require_kind(state: Any, kind: str) -> None:
    """ValueError unless `state` is a checkpoint of `kind`."""
    found = state.get("kind") if isinstance(state, Mapping) else None
    if found != kind:
        raise ValueError(
            f"The checkpoint is of kind {found!r}, but {kind!r} is needed; give one that a {kind} wrote."
        )


def require_resumable(state: Mapping[str, Any], *, expected: Mapping[str, Any]) -> None:
    """ValueError unless `state` is a state in mid-training whose entries named in `expected` have those
    values.
    """
    if "optimizers" not in state:
        raise ValueError(
            "The checkpoint is a finished model, which cannot be resumed; give one written by `save`."
        )
    for name, value in expected.items():
        if state[name] != value:
            where, found, wanted = _first_difference(name, state[name], value)
            raise ValueError(
                f"The checkpoint was trained with {where} {found}, but this run has {wanted}; "
                f"resume with the same {where} or start anew."
            )


def load_weights(network: nn.Module, weights: Mapping[str, torch.Tensor]) -> None:
    """Fill `network`; ValueError in one line if the weights belong to another architecture."""
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        first = str(error).splitlines()[1].strip() if "\n" in str(error) else str(error)
        name = type(network).__name__
        raise ValueError(
            f"The weights are of another architecture than this {name}: {first[:200]}"
        ) from error


def snapshot(tree: Any) -> Any:
    """A copy of a nested state on the CPU that further training does not change.

    Strides are kept: a fused Adam pairs a weight with its moments by memory: both need one layout. Strings are
    interned: pickle writes a string that it has met before, by identity, as a reference.
    """
    if isinstance(tree, torch.Tensor):
        return tree.detach().to("cpu", copy=True)
    if isinstance(tree, Mapping):
        return {snapshot(key): snapshot(value) for key, value in tree.items()}
    if isinstance(tree, str):
        return sys.intern(tree)
    return [snapshot(value) for value in tree] if isinstance(tree, list | tuple) else tree


def _first_difference(name: str, found: Any, wanted: Any) -> tuple[str, Any, Any]:
    """Dotted name and both values of the first entry in which two unequal nested values differ."""
    if not (isinstance(found, Mapping) and isinstance(wanted, Mapping)):
        return name, found, wanted
    key = next(key for key in {**wanted, **found} if found.get(key) != wanted.get(key))
    return _first_difference(f"{name}.{key}", found.get(key), wanted.get(key))
