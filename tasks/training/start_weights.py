"""Files of start weights outside the store: their bytes belong to a key, their places do not."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import models.detection
from blender_assets.both_sides.places import is_file
from blender_assets.both_sides.text_reading import shown
from models.configs import WeightsFile
from tasks.artifacts.recipe import SourceFiles

Weights = Literal["none", "imagenet", "people_synthetic"] | WeightsFile

# Named here too: importing models.detection.people_synthetic would import torch.
_PEOPLE_SYNTHETIC = Path(models.detection.__file__).with_name("people_synthetic.pt")


def weights_file(weights: Weights, *, field: str) -> SourceFiles:
    """The file of start weights, if `weights` names one; `field` is its place in the run configuration.

    ValueError where it is missing or holds no weights.
    """
    if weights == "people_synthetic":
        return _people_synthetic(field)
    if isinstance(weights, str):
        return SourceFiles({})
    path = Path(weights.path)
    if not is_file(path):
        raise ValueError(
            f"{field}.path is {shown(str(path), most=300)}, but there is no such file; give one or set {field}: none"
        )
    from models.training.checkpoints import load_tensors

    load_tensors(path)
    return SourceFiles({path.name: path})


def _people_synthetic(field: str) -> SourceFiles:
    if not _PEOPLE_SYNTHETIC.is_file():
        raise ValueError(
            f"{field} is people_synthetic, but {_PEOPLE_SYNTHETIC.name} is not there; make it with `make pretrain`, "
            f"or set {field}: none"
        )
    return SourceFiles({_PEOPLE_SYNTHETIC.name: _PEOPLE_SYNTHETIC})


def without_place(weights: Weights) -> Weights:
    """The same weights, a file without its folder: a place is no identity."""
    return weights if isinstance(weights, str) else replace(weights, path=Path(weights.path).name)


def placed(weights: Weights, folder: Path) -> Weights:
    """The same weights, a file's path taken as relative to `folder`."""
    return weights if isinstance(weights, str) else replace(weights, path=str(folder / weights.path))


def found(weights: Weights, files: dict[str, str]) -> Weights:
    """The same weights, their file where a step got it: `files` maps names to places."""
    return weights if isinstance(weights, str) else replace(weights, path=files[Path(weights.path).name])


def described(weights: Weights) -> str:
    """What a training started from, in words."""
    if isinstance(weights, WeightsFile):
        return f"the weights {Path(weights.path).name}"
    words = {"none": "random weights", "imagenet": "ImageNet weights"}
    return words.get(weights, "people_synthetic (people rendered in other rooms)")


def joined(parts: list[SourceFiles]) -> SourceFiles:
    """The files of several weights as one input. ValueError where two different ones have the same name."""
    files: dict[str, Path] = {}
    for part in parts:
        for name, path in part.files.items():
            if files.setdefault(name, path) != path:
                raise ValueError(
                    f"{files[name]} and {path} have the same name; rename one of these weights files"
                )
    return SourceFiles(files)
