"""Trains a segmentation network in its cycle, or alone, and keeps the weights with the best mean IoU in validation."""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from models.arithmetic.devices import autocast, choose_device, send
from models.configs import from_plain, to_plain
from models.cycle_segmentation.applying import KIND, CycleSegmenter, Reconstructions, answer_batches
from models.cycle_segmentation.config import CycleSegmentationConfig
from models.cycle_segmentation.data import CycleSets, batch_drawer, check_sets, crop_hw
from models.cycle_segmentation.losses import CycleBatch, Weighing, find_losses, weigh
from models.cycle_segmentation.networks import SEGMENTER, build_networks
from models.segmentation.class_weighting import class_weights
from models.segmentation.data import SegmentationSet
from models.segmentation.evaluation import confusion_matrices, figures
from models.segmentation.weights import KIND as SEGMENTER_KIND
from models.training.checkpoints import State, require_kind
from models.training.supervised import Choice, Hooks, Losses, Task, start_network, train_network
from models.translation.image_pool import ImagePool

VALIDATION_SEED = 0  # of the noise in validation, the same in every training
_CHANNELS = 3


def train_cycle_segmenter(
    config: CycleSegmentationConfig, sets: CycleSets, *, seed: int, resume: State | None, hooks: Hooks
) -> State:
    """The finished state, for `load_cycle_segmenter` and `segmenter_state`: weights with the best mean IoU on `sets.val`.

    Raises ValueError for sets or a `resume` that do not fit, TrainingDivergedError if a loss is not finite.
    """
    config = config.settled()
    task = cycle_task(config, sets, seed=seed)
    training = config.training(num_images=len(sets.paired))
    return train_network(task, training, seed=seed, resume=resume, hooks=hooks)


def cycle_task(config: CycleSegmentationConfig, sets: CycleSets, *, seed: int) -> Task[CycleBatch]:
    """New networks with the batches and figures that they learn by; ValueError for sets that do not fit."""
    pixels = check_sets(config, sets)
    device = choose_device(config.device)
    training = config.training(num_images=len(sets.paired))
    networks = start_network(partial(build_networks, config), training, seed=seed)
    weights = class_weights(config.class_weights, pixels)
    size = crop_hw(config, sets)
    memory = _start_memory(config, size, device)
    pool = None if config.cycle is None else ImagePool(config.cycle.pool_images, memory["pool"])
    return Task(
        kind=KIND,
        network=networks,
        draw=batch_drawer(config, sets, seed=seed),
        losses=partial(_losses_of, config, _weighing(config, weights, device), pool),
        objective=partial(weigh, config.cycle),
        validate=lambda networks: validate(CycleSegmenter(config, _as_dict(networks), device), sets.val),
        choice=Choice("mean_iou", is_higher_better=True),
        identity={"config": to_plain(config), "image_hw": list(size)},
        facts={"class_weights": None if weights is None else weights.tolist()},
        memory=memory,
    )


def validate(segmenter: CycleSegmenter, val: SegmentationSet) -> dict[str, float]:
    """Mean IoU without void and with it, the usual accuracies, and, of a cycle, the means of the images' own figures.

    The noise is that of training; its SNR is left out where there is none.
    """
    config = segmenter.config
    known, whole = (np.zeros((1, size, size), np.int64) for size in (config.num_classes, config.num_outputs))
    rebuilt = []
    size = config.batch_size
    for number, part in enumerate(
        answer_batches(segmenter, val.images_nhwc, seed=VALIDATION_SEED, batch_size=size)
    ):
        true = np.asarray(val.labels_nhw[number * size : (number + 1) * size])
        known += confusion_matrices(true, part.labels_nhw, num_classes=config.num_classes).sum(0)
        true, found = (np.minimum(labels, config.num_classes) for labels in (true, part.labels_with_void_nhw))
        whole += confusion_matrices(true, found, num_classes=config.num_outputs).sum(0)
        rebuilt.append(part.reconstructions)
    result = figures(known)
    names = ("mean_iou", "pixel_accuracy", "class_accuracy", "frequency_weighted_iou")
    scores = {name: getattr(result, name) for name in names}
    return scores | {"mean_iou_with_void": figures(whole).mean_iou, **_mean_figures(config, rebuilt)}


def segmenter_state(state: State) -> State:
    """The segmentation network of a finished training as `models.segmentation.applying.load_segmenter` takes it.

    Of the layer that answers for classes the last channel, void, is left out. ValueError for a state of another kind.
    """
    require_kind(state, KIND)
    config = from_plain(CycleSegmentationConfig, state["config"])
    plain = replace(config.segmenter, steps=max(1, state["step"]))
    own = ("seed", "image_hw", "class_weights", "step", "history")
    return {
        "kind": SEGMENTER_KIND,
        "config": to_plain(plain),
        "start_weights": {"source": "none"},
        **{name: state[name] for name in own},
        "best": state["best"] and _segmenter_of(state["best"], config.num_classes),
    }


def _segmenter_of(best: dict[str, Any], num_classes: int) -> dict[str, Any]:
    prefix = f"{SEGMENTER}."
    weights = {
        name.removeprefix(prefix): value for name, value in best["network"].items() if name.startswith(prefix)
    }
    weights["output.weight"] = weights["output.weight"][:, :num_classes].clone()
    weights["output.bias"] = weights["output.bias"][:num_classes].clone()
    return {**best, "network": weights}


def _losses_of(
    config: CycleSegmentationConfig,
    weighing: Weighing,
    pool: ImagePool | None,
    networks: nn.Module,
    batch: CycleBatch,
) -> Losses:
    with autocast(batch.images_bchw.device, config.arithmetic):
        return find_losses(config, _as_dict(networks), batch, weighing=weighing, pool=pool)


def _mean_figures(config: CycleSegmentationConfig, parts: list[Reconstructions | None]) -> dict[str, float]:
    """Over all images, of the figures that each has; none without a cycle."""
    rebuilt = [part for part in parts if part is not None]
    if config.cycle is None:
        return {}
    names = ["psnr_db", "snr_db", "saturated_share", "probe_drop_db"]
    if config.cycle.noise.kind == "none":
        names.remove("snr_db")
    return {name: float(np.concatenate([getattr(each, name) for each in rebuilt]).mean()) for name in names}


def _weighing(
    config: CycleSegmentationConfig, weights_c: np.ndarray | None, device: torch.device
) -> Weighing:
    if weights_c is None and config.void_weight == 0:
        return Weighing(config.num_outputs, None)
    weights = np.append(np.ones(config.num_classes) if weights_c is None else weights_c, config.void_weight)
    return Weighing(config.num_outputs, send(torch.from_numpy(weights).float(), device))


def _start_memory(
    config: CycleSegmentationConfig, size: tuple[int, int], device: torch.device
) -> dict[str, Tensor]:
    """The pool's images, of which the last place is for those that are not kept."""
    if config.cycle is None:
        return {}
    return {"pool": torch.zeros(config.cycle.pool_images + 1, _CHANNELS, *size, device=device)}


def _as_dict(networks: nn.Module) -> nn.ModuleDict:
    assert isinstance(networks, nn.ModuleDict), "build_networks gives one"
    return networks
