"""Step: how near translated images come to real ones of the night, and whether lights keep their colours."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from models.configs import DeviceName
from models.features.config import FeaturesConfig
from tasks.building.steps import step
from tasks.formats.label_maps import LabelMapSet, read_label_maps

LIGHTS = ("traffic light", "traffic sign")
_KERNEL_DRAWS = 20
_LEAST_SATURATION = 0.15  # below it a hue is chance
_MOVED_DEG = 30.0  # half of the way from red to yellow


class TranslationFiguresConfig(BaseModel):
    """In which features, and of how many images."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    features: FeaturesConfig
    most: int = Field(
        default=1000, ge=2
    )  # images of each set; distances of other numbers compare with nothing
    threads: int = Field(default=1, ge=1)
    device: DeviceName = "auto"


@step("translation-figures", libraries=("torch", "torchvision", "numpy"))
def measure_translation(
    out: Path, config: TranslationFiguresConfig, before: Path, after: Path, target: Path
) -> None:
    """`figures.json`: Frechet and kernel distances of images and of their translations to the target, all of the same
    number of images; and by class the share of its coloured pixels whose hue moved. It is FID only with Inception's weights.
    """
    sets = [read_label_maps(folder) for folder in (before, after, target)]
    figures = _distances(config, sets)
    figures["moved_hues"] = _moved(sets[0], sets[1])
    (out / "figures.json").write_text(json.dumps(figures), encoding="utf-8")


def _distances(config: TranslationFiguresConfig, sets: list[LabelMapSet]) -> dict[str, Any]:
    # Importing torch takes seconds: only who compares features pays for it.
    import torch

    from models.arithmetic.devices import choose_device
    from models.features.distances import frechet_distance, kernel_distance
    from models.features.networks import FeatureNetwork
    from models.translation.monitoring.measuring import image_vectors

    torch.set_num_threads(config.threads)
    count = min(config.most, *(len(data.records) for data in sets))
    figures: dict[str, Any] = {
        "count": count,
        "network": config.features.network,
        "is_random": config.features.weights == "none",
    }
    if count < 2:
        return figures
    network = FeatureNetwork(config.features).to(choose_device(config.device))
    chosen = [np.asarray(data.images[spread(len(data.records), count)]) for data in sets]
    before, after, target = (image_vectors(network, images) for images in chosen)
    for name, vectors in (("before", before), ("after", after)):
        kernel = kernel_distance(vectors, target, draws=_KERNEL_DRAWS, rng=np.random.default_rng(0))
        figures[name] = {
            "frechet": frechet_distance(vectors, target),
            "kid": kernel.value,
            "kid_std": kernel.std,
        }
    return figures


def spread(total: int, count: int) -> list[int]:
    """`count` different numbers below `total`, evenly over it."""
    return [number * total // count for number in range(count)]


def _moved(before: LabelMapSet, after: LabelMapSet) -> dict[str, float | None]:
    if before.labels is None or before.table is None:
        return {}
    names = before.table.class_names()
    return {
        name: moved_hue_share(before.images, after.images, before.labels, names.index(name))
        for name in LIGHTS
        if name in names
    }


def moved_hue_share(
    before_nhwc: np.ndarray, after_nhwc: np.ndarray, labels_nhw: np.ndarray, label: int
) -> float | None:
    """Of the pixels of a class that have a colour, the share whose hue is 30 degrees or more from where it was.

    What lost its colour has moved too: a red light that turns white says nothing. uint8 RGB; None without such pixels.
    """
    moved = total = 0
    for before, after, labels in zip(before_nhwc, after_nhwc, labels_nhw, strict=True):
        is_class = np.asarray(labels) == label
        old, new = (hues(np.asarray(image)[is_class]) for image in (before, after))
        coloured = np.isfinite(old)
        gap = np.abs(old - new)[coloured]
        kept = np.minimum(gap, 360 - gap) < _MOVED_DEG  # NaN, a lost colour, is not below
        total += int(coloured.sum())
        moved += int((~kept).sum())
    return moved / total if total else None


def hues(pixels_n3: np.ndarray) -> np.ndarray:
    """float64 [n]: degrees from red by green and blue, of uint8 RGB; NaN of greys, whose hue is chance."""
    red, green, blue = pixels_n3.astype(np.float64).T
    largest, smallest = pixels_n3.max(axis=1).astype(np.float64), pixels_n3.min(axis=1).astype(np.float64)
    # The angle of the colour in the plane across the axis of greys.
    degrees = np.degrees(np.arctan2(np.sqrt(3) * (green - blue), 2 * red - green - blue)) % 360
    is_grey = largest - smallest < _LEAST_SATURATION * np.maximum(largest, 1)
    return np.where(is_grey, np.nan, degrees)
