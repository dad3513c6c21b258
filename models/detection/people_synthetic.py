"""Start weights of our own: a SqueezeDet that has seen rendered people only, kept beside this file."""

from pathlib import Path

import torch
from torch import Tensor

from models.configs import require
from models.training.checkpoints import State, load_checkpoint

PATH = Path(__file__).with_name("people_synthetic.pt")
_KIND = "people-synthetic"


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
    return {"kind": _KIND, "network": {**best["network"], **filters}}


def load(path: Path = PATH) -> dict[str, Tensor]:
    """The packed weights in single precision, by the names of a SqueezeDet with batch norm.

    ValueError where the file is missing or another one.
    """
    require(
        path.is_file(), f"There is no {path.name} beside {Path(__file__).name}; make it with `make pretrain`."
    )
    weights = load_checkpoint(path, kind=_KIND)["network"]
    return {name: value.float() if value.dtype == torch.float16 else value for name, value in weights.items()}
