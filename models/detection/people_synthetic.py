"""Start weights of our own: a SqueezeDet that has seen rendered people only, kept beside this file.

The weights alone find nothing: which boxes its last layer answers for, at which size of images and from which score on,
stands in a JSON file of the same name.
"""

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models.configs import require
from models.training.checkpoints import State, load_checkpoint

PATH = Path(__file__).with_name("people_synthetic.pt")
KIND = "people-synthetic"
_READING = ("config", "anchors_wh", "image_hw", "target", "best")


def pack(detector: State) -> State:
    """A finished detector's best network without its training: filters in half precision, all else as it is.

    ValueError where the detector is no SqueezeDet with batch norm, the form that is kept.
    """
    config, best = detector["config"], detector["best"]
    require(
        config.get("network", "squeezedet") == "squeezedet" and config["has_batch_norm"],
        "people_synthetic is a squeezedet with has_batch_norm: true; set both in the pretraining's detector.",
    )
    filters = {name: value.half() for name, value in best["network"].items() if value.ndim == 4}
    return {"kind": KIND, "network": {**best["network"], **filters}}


def describe(detector: State, *, target: str) -> dict[str, Any]:
    """What the packed weights need to find boxes of `target`, for JSON: settings, anchors, size, the best step's figures."""
    best = {name: value for name, value in detector["best"].items() if name != "network"}
    kept = {name: detector[name] for name in ("config", "anchors_wh", "image_hw")}
    return kept | {"target": target, "best": best}


def load_as_detector(path: Path = PATH) -> State:
    """Packed weights as the state of a detector, by their `describe`d settings beside them.

    ValueError where either file is missing or another one.
    """
    settings = path.with_suffix(".json")
    require(
        settings.is_file(),
        f"There is no {settings.name} beside {path}, without which its weights find nothing; make both with "
        "`make pretrain`.",
    )
    described = json.loads(settings.read_text(encoding="utf-8"))
    require(
        isinstance(described, dict) and set(described) == set(_READING),
        f"{settings} must hold {', '.join(_READING)}, as `make pretrain` writes it; make it anew.",
    )
    best = {**described["best"], "network": load(path)}
    return described | {"kind": "detector", "step": best["step"], "best": best}


def load(path: Path = PATH) -> dict[str, Tensor]:
    """The packed weights in single precision, by the names of a SqueezeDet with batch norm.

    ValueError where the file is missing or another one.
    """
    require(
        path.is_file(), f"There is no {path.name} beside {Path(__file__).name}; make it with `make pretrain`."
    )
    weights = load_checkpoint(path, kind=KIND)["network"]
    return {name: value.float() if value.dtype == torch.float16 else value for name, value in weights.items()}
