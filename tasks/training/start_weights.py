"""Files of start weights outside the store: their bytes belong to a key, their places do not."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import models.detection
from blender_assets.both_sides.places import is_file
from blender_assets.both_sides.text_reading import shown
from models.configs import OF_RUN, WeightsFile, WeightsOfRun, is_of_run
from tasks.artifacts.lookup import find_artifact
from tasks.artifacts.opening import IN_CONFIGURATION, StorePlace
from tasks.artifacts.recipe import SourceFiles
from tasks.training.trained_networks import find_arm, require_whole

Weights = Literal["none", "imagenet", "people_synthetic"] | WeightsOfRun | WeightsFile

# Named here too: importing models.detection.people_synthetic would import torch.
PEOPLE_SYNTHETIC = Path(models.detection.__file__).with_name("people_synthetic.pt")


def as_file(weights: Weights, place: StorePlace, *, kind: str, field: str) -> Weights:
    """The network of this kind that an earlier run in the store has, as its file; other weights as they are.

    It is of the newest run of the name that has any. ValueError where there is none, with what there is.
    """
    if not is_of_run(weights):
        return weights
    run, _, arm = weights.removeprefix(OF_RUN).partition("/")
    try:
        store = place.open_existing(named_by=IN_CONFIGURATION)
        key = find_arm(store, run, arm or None, kind=kind, spell=lambda name: f"{OF_RUN}{run}/{name}")
        folder = store.folder(require_whole(store, find_artifact(store, key)))
    except ValueError as error:
        raise ValueError(f"{field} is {weights!r}, but {error}") from None
    return WeightsFile(path=str(folder / f"{kind}.pt"))


def weights_file(weights: Weights, *, field: str) -> SourceFiles:
    """The file of start weights, if `weights` names one; `field` is its place in the run configuration.

    ValueError where it is missing or holds no weights.
    """
    assert not is_of_run(weights), "weights of a run are a file before they are read"
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
    if not PEOPLE_SYNTHETIC.is_file():
        raise ValueError(
            f"{field} is people_synthetic, but {PEOPLE_SYNTHETIC.name} is not there; make it with `make pretrain`, "
            f"or set {field}: none"
        )
    return SourceFiles({PEOPLE_SYNTHETIC.name: PEOPLE_SYNTHETIC})


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
    if is_of_run(weights):
        return f"a network of the run {weights.removeprefix(OF_RUN)}"
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
