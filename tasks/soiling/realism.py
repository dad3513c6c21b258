"""Step: how far soiled images are from real ones that nothing was learned from, as distances between sets of crops.

Frechet and kernel distances are FID and KID with another network; by random weights they see colours and textures.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator

from models.configs import DeviceName
from models.features.config import FeaturesConfig, require_known_weights
from tasks.building.steps import step
from tasks.formats.label_maps import read_label_maps
from tasks.soiling.blind_sheet import soiled_crops

if TYPE_CHECKING:
    from models.features.networks import FeatureNetwork

_KERNEL_DRAWS = 20
_FEWEST = 2  # crops of a set: one has no distribution


class RealismConfig(BaseModel):
    """Which crops are compared, and by what features."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    features: FeaturesConfig = FeaturesConfig(network="squeezenet1_1", layers=(2,))  # quick, and of textures
    crop_px: int = Field(default=128, ge=32)  # side of a crop as features see it
    crops: int = Field(default=200, ge=2)  # of each set; fewer where there are not so many soiled images
    seed: int = Field(default=0, ge=0)  # another one takes other images
    device: DeviceName = "auto"  # of the features; auto: a GPU where there is one

    @field_validator("features")
    @classmethod
    def _has_known_weights(cls, features: FeaturesConfig) -> FeaturesConfig:
        return require_known_weights(features)


class RealismRun(BaseModel):
    """The names of the sets that are compared with the real test."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    realism: RealismConfig
    sets: tuple[str, ...]
    threads: int


@step("soiling-realism", libraries=("torch", "torchvision", "numpy", "opencv-python-headless"))
def measure_realism(out: Path, config: RealismRun, test: Path, sets: list[Path]) -> None:
    """`realism.json`: `frechet` and `kernel` of each set's crops to as many of `test`, their `crops`, and `extractor`.

    The crops are around soiling. No distances where a set has fewer than two: they would have no distribution.
    """
    import torch

    from models.arithmetic.devices import choose_device
    from models.features.networks import FeatureNetwork

    look = config.realism
    torch.set_num_threads(config.threads)
    crops = [_crops(look, folder) for folder in (test, *sets)]
    count = min(map(len, crops))
    network = FeatureNetwork(look.features).to(choose_device(look.device))
    figures = _distances(look, network, [own[:count] for own in crops]) if count >= _FEWEST else []
    told = {
        "crops": count,
        "extractor": network.name,
        "sets": dict(zip(config.sets, figures, strict=count >= _FEWEST)),
    }
    (out / "realism.json").write_text(json.dumps(told), encoding="utf-8")


def _crops(look: RealismConfig, folder: Path) -> np.ndarray:
    """uint8 [n, s, s, 3]."""
    crops = soiled_crops("", read_label_maps(folder), look.crops, np.random.default_rng(look.seed))
    size = (look.crop_px, look.crop_px)
    shrunk = [cv2.resize(crop.pixels, size, interpolation=cv2.INTER_AREA) for crop in crops]
    return np.array(shrunk, np.uint8).reshape(-1, *size, 3)


def _distances(
    look: RealismConfig, network: "FeatureNetwork", crops: list[np.ndarray]
) -> list[dict[str, Any]]:
    """Of each set to the first."""
    from models.features.distances import frechet_distance, kernel_distance
    from models.translation.monitoring.measuring import image_vectors

    real, *others = (image_vectors(network, own) for own in crops)
    rng = np.random.default_rng(look.seed)
    return [
        {
            "frechet": frechet_distance(own, real),
            "kernel": (kernel := kernel_distance(own, real, draws=_KERNEL_DRAWS, rng=rng)).value,
            "kernel_std": kernel.std,
        }
        for own in others
    ]
