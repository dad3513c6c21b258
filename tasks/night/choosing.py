"""Step: chooses, of images without labels, those that resemble a target most (seed 001, "based on histogram", "on FID")."""

import json
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, field_validator

from models.configs import DeviceName
from models.features.config import FeaturesConfig, require_known_weights
from tasks.building.steps import step
from tasks.formats.label_maps import LabelMapSet, read_label_maps, write_part
from tasks.night.lighting import brightness_histograms, wasserstein_distances
from tasks.night.resemblance import herd, likeliest, nearest_sequences, nearest_to_mean

Method = Literal["all", "histogram", "mean", "mahal", "greedy", "sequence"]


class ChoiceConfig(BaseModel):
    """By what images are chosen, and how many."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # all: every one; histogram: by the brightness of their upper half; by features: nearest to the target's mean (mean),
    # by its covariance too (mahal), one after another so that their own mean is its mean (greedy), or whole sequences
    method: Method = "histogram"
    count: int = Field(default=1600, ge=1)  # images; fewer where there are not so many
    features: FeaturesConfig = FeaturesConfig()  # of mean, mahal, greedy and sequence
    device: DeviceName = "auto"  # auto: a GPU where there is one
    threads: int = Field(default=1, ge=1)  # of the CPU

    @field_validator("features")
    @classmethod
    def _has_known_weights(cls, features: FeaturesConfig) -> FeaturesConfig:
        return require_known_weights(features)


@step("label-maps", libraries=("torch", "torchvision", "numpy"))
def choose_images(out: Path, config: ChoiceConfig, candidates: Path, target: Path) -> None:
    """The chosen images as a set, in the order of the candidates, and `choice.json`, the same by the order of choosing.

    ValueError where an image of the target is a candidate too: the target would then find itself.
    """
    data, wanted = read_label_maps(candidates), read_label_maps(target)
    _check_apart(data, wanted)
    chosen = _choose(config, data, wanted)
    names = [data.records[index].name for index in chosen]
    (out / "choice.json").write_text(json.dumps({"method": config.method, "chosen": names}), encoding="utf-8")
    write_part(out, data, sorted(chosen))


def _choose(config: ChoiceConfig, data: LabelMapSet, wanted: LabelMapSet) -> list[int]:
    count = min(config.count, len(data.records))
    if config.method == "all":
        return list(range(len(data.records)))
    if config.method == "histogram":
        target = brightness_histograms(wanted.images).mean(axis=0)
        distances = wasserstein_distances(brightness_histograms(data.images), target)
        return np.argsort(distances, kind="stable")[:count].tolist()
    vectors, target = (_vectors(config, each) for each in (data, wanted))
    if config.method == "sequence":
        sequences = [record.sequence or record.name for record in data.records]
        return nearest_sequences(vectors, target, count, sequences=sequences)
    ranking = {"mean": nearest_to_mean, "mahal": likeliest, "greedy": herd}[config.method]
    return ranking(vectors, target, count)


def _vectors(config: ChoiceConfig, data: LabelMapSet) -> np.ndarray:
    """float64 [n, d], of the deepest chosen layer; a part of the images at a time."""
    # Importing torch takes seconds: only who compares features pays for it.
    import torch

    from models.arithmetic.devices import choose_device
    from models.features.networks import FeatureNetwork
    from models.translation.monitoring.measuring import layer_vectors

    torch.set_num_threads(config.threads)
    network = FeatureNetwork(config.features).to(choose_device(config.device))
    parts = [
        layer_vectors(network, np.array(data.images[start : start + 64]))[-1]
        for start in range(0, len(data.images), 64)
    ]
    return np.concatenate(parts).astype(np.float64)


def _check_apart(data: LabelMapSet, wanted: LabelMapSet) -> None:
    names = {record.name for record in wanted.records}
    both = [record.name for record in data.records if record.name in names]
    if both:
        raise ValueError(
            f"{len(both)} image(s) are candidates and of the target, {both[0]} first; choose by images that are not "
            "candidates, and never by those of the test"
        )
