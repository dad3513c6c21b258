"""Weights that others trained: torchvision's ImageNet ones, or a local file whose sha256 is recorded."""

import hashlib
from pathlib import Path
from typing import Any

from torch import Tensor
from torchvision.models import WeightsEnum


def fetch_imagenet(weights: WeightsEnum) -> dict[str, Tensor]:
    """The whole state_dict, from torch's cache or the network; ValueError in one line where neither has it."""
    try:
        return dict(weights.get_state_dict(progress=False, check_hash=True))
    except OSError as error:
        raise ValueError(
            f"The ImageNet weights could not be fetched ({error}); set weights to none, or to a path of "
            f"torchvision's {Path(weights.url).name}."
        ) from error


def feature_part(tensors: Any, *, first_layer: str = "0.weight") -> dict[str, Tensor]:
    """What a torchvision classifier's state_dict holds below its classifier, with or without the prefix `features`.

    Empty if there is no `first_layer`.
    """
    if not isinstance(tensors, dict) or not all(isinstance(value, Tensor) for value in tensors.values()):
        return {}
    features = {
        name.removeprefix("features."): value
        for name, value in tensors.items()
        if "classifier" not in name and not name.startswith("fc.")
    }
    return features if first_layer in features else {}


def file_sha256(path: Path) -> str:
    """64 hexadecimal digits that name the bytes of a file of weights."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
