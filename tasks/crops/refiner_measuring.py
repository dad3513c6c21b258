"""Measures a refiner by the crops that it refined: distances to the real ones, changes, heads that moved, warnings."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from models.configs import DeviceName
from models.features.config import LAYERS, FeaturesConfig
from models.translation.monitoring.change import Pairs
from models.translation.monitoring.grids import tile
from models.translation.monitoring.symptoms import find_symptoms
from tasks.artifacts.recipe import SourceFiles
from tasks.building.steps import step
from tasks.crops.moved_heads import MeasuringBounds, find_moved_heads, name_heads
from tasks.formats.crops import HEAD, PERSON, read_crop_pixels, read_crop_regions
from tasks.images.files import write_png
from tasks.training.start_weights import found


class MeasuringConfig(BaseModel):
    """On which crops and in which feature space a refiner is measured."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # the network in which distances are measured
    features: FeaturesConfig = FeaturesConfig(network="squeezenet1_1", layers=(2,))
    max_crops: int = Field(default=500, ge=2)  # of each set; distances depend on how many there are
    samples: int = Field(default=10, ge=1)  # crops in the picture
    bounds: MeasuringBounds = MeasuringBounds()  # beyond which values the report warns
    seed: int = 0  # of the choice of crops and of the subsets


@dataclass(frozen=True, kw_only=True)
class MeasuringRun:
    """A measurement with where it runs."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    measuring: MeasuringConfig
    threads: int
    device: DeviceName


@step("refiner-measures", libraries=("torch", "torchvision", "numpy", "opencv-python-headless"))
def measure_refiner(
    out: Path,
    config: MeasuringRun,
    crops: list[Path],
    refined: list[Path],
    real: Path,
    refiner: Path,
    weights: SourceFiles,
) -> None:
    """`measures.json` (figures by name, warnings, extractor, how many crops), `pca.json` and `samples.png`.

    The picture has rows of inputs, refined crops, attention where there is any, and real crops. `weights` holds the
    file of the feature network, if the configuration names one.
    """
    pairs, real_nhwc = _draw_crops(crops, refined, real, config.measuring)
    files = {name: str(path) for name, path in weights.files.items()}
    features = config.measuring.features
    config = replace(
        config,
        measuring=config.measuring.model_copy(
            update={"features": replace(features, weights=found(features.weights, files))}
        ),
    )
    content, picture = _measure(pairs, real_nhwc, config, refiner / "refiner.pt")
    (out / "measures.json").write_text(json.dumps(content), encoding="utf-8")
    (out / "pca.json").write_text(json.dumps(_components(pairs, real_nhwc, config)), encoding="utf-8")
    write_png(out / "samples.png", picture)


def _draw_crops(
    crops: list[Path], refined: list[Path], real: Path, config: MeasuringConfig
) -> tuple[Pairs, np.ndarray]:
    """Random crops of all shards with their refined versions, and random real ones; `max_crops` each."""
    rng = np.random.default_rng(config.seed)
    regions = read_crop_regions(crops)
    pairs = Pairs(
        before=read_crop_pixels(crops),
        after=read_crop_pixels(refined),
        outline=(regions & PERSON) > 0,
        kept=(regions & HEAD) > 0,
    )
    pixels = read_crop_pixels([real])
    chosen, real_chosen = rng.permutation(len(pairs)), rng.permutation(len(pixels))
    return pairs.at(chosen[: config.max_crops]), pixels[real_chosen[: config.max_crops]]


def _measure(
    pairs: Pairs, real_nhwc: np.ndarray, config: MeasuringRun, refiner: Path
) -> tuple[dict[str, Any], np.ndarray]:
    # Importing torch takes seconds: only a run that measures something pays for it.
    import torch

    from models.arithmetic.devices import choose_device
    from models.features.networks import FeatureNetwork
    from models.training.checkpoints import load_checkpoint
    from models.translation.monitoring.measuring import attention_maps, measure_pairs

    torch.set_num_threads(config.threads)
    measuring, device = config.measuring, choose_device(config.device)
    network = FeatureNetwork(measuring.features).to(device)
    figures = name_heads(measure_pairs(pairs, real_nhwc, network, rng=np.random.default_rng(measuring.seed)))
    state = load_checkpoint(refiner, kind="refiner")
    shown = pairs.at(np.arange(min(measuring.samples, len(pairs), len(real_nhwc))))
    attention = attention_maps(state, shown.before, device)
    if attention is not None:
        figures["mean_attention"] = float(attention.mean())
    stopped = [state["stopped"]] if state["stopped"] else []
    symptoms = (*find_symptoms(figures, measuring.bounds), *find_moved_heads(figures, measuring.bounds))
    content = {
        "figures": figures,
        "warnings": [*stopped, *symptoms],
        "extractor": network.name,
        "num_compared": min(len(pairs), len(real_nhwc)),
        "num_pairs": len(pairs),
    }
    return content, _draw(shown, attention, real_nhwc)


def _components(pairs: Pairs, real_nhwc: np.ndarray, config: MeasuringRun) -> dict[str, Any]:
    """{layer: {set: [[x, y], ...]}, "explained": {layer: [share, share]}} for the network's second and last layer.

    Of VGG16 these are the layers of Fig. 4.10. The sets are equally large; of fewer than two crops each there is nothing.
    """
    from models.arithmetic.devices import choose_device
    from models.features.networks import FeatureNetwork
    from models.features.principal_components import principal_components
    from models.translation.monitoring.measuring import layer_vectors

    count = min(len(pairs), len(real_nhwc))
    if count < 2:
        return {"explained": {}}
    names = LAYERS[config.measuring.features.network]
    features = replace(config.measuring.features, layers=(2, len(names)))
    network = FeatureNetwork(features).to(choose_device(config.device))
    images = {"cS": pairs.before, "cR_train": real_nhwc, "cS+": pairs.after}
    vectors = {name: layer_vectors(network, pixels[:count]) for name, pixels in images.items()}
    content: dict[str, Any] = {"explained": {}}
    for index, layer in enumerate((names[1], names[-1])):
        components = principal_components({name: layers[index] for name, layers in vectors.items()})
        content[layer] = {name: points.tolist() for name, points in components.points.items()}
        content["explained"][layer] = list(components.explained)
    return content


def _draw(shown: Pairs, attention_nhw: np.ndarray | None, real_nhwc: np.ndarray) -> np.ndarray:
    """uint8 [h, w, 3]: rows of inputs, refined crops, attention where there is any, and real crops."""
    rows = [shown.before, shown.after]
    if attention_nhw is not None:
        grey = (attention_nhw * 255).round().astype(np.uint8)
        rows.append(np.repeat(grey[..., None], 3, axis=-1))
    return tile([*rows, real_nhwc[: len(shown)]])
