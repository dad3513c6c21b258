"""Trains a segmentation network and keeps the weights with the best mean IoU in validation."""

from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from models.arithmetic.devices import autocast, choose_device, send
from models.configs import require, to_plain
from models.segmentation.applying import Segmenter, segment
from models.segmentation.class_weighting import class_weights
from models.segmentation.config import SegmentationConfig, SegmentationLosses
from models.segmentation.data import SMALLEST_SIDE_PX, SegmentationSet, Splits, check_set
from models.segmentation.drawing import Batch, draw_mixed_batch
from models.segmentation.evaluation import confusion_matrices, figures
from models.segmentation.images import normalise
from models.segmentation.losses import (
    cross_entropy,
    cross_entropy_and_focal,
    dice_loss,
    focal_loss,
    level_loss,
    lovasz_softmax,
)
from models.segmentation.networks.registry import BACKBONE, build_network
from models.segmentation.sampling import RareClasses, find_rare_classes
from models.segmentation.weights import KIND, load_start
from models.training.checkpoints import State
from models.training.optimizers import ParameterGroup
from models.training.supervised import Choice, Hooks, Losses, Task, start_network, train_network


def train_segmenter(
    config: SegmentationConfig, splits: Splits, *, seed: int, resume: State | None, hooks: Hooks
) -> State:
    """The finished state, whose `best` part `load_segmenter` takes: the weights with the best mean IoU on `splits.val`.

    Raises ValueError for sets or a `resume` that do not fit, TrainingDivergedError if a loss is not finite.
    """
    config = config.settled()
    task = segmentation_task(config, splits, seed=seed)
    return train_network(task, config, seed=seed, resume=resume, hooks=hooks)


def segmentation_task(config: SegmentationConfig, splits: Splits, *, seed: int) -> Task[Batch]:
    """A new network with the batches and figures that it learns by; ValueError for sets that do not fit."""
    pixels = check_set("training", splits.train, num_classes=config.num_classes)
    check_set("validation", splits.val, num_classes=config.num_classes)
    _check_guessed(config, splits)
    crop_hw = _crop_hw(config, splits.train)
    rare = _rare_classes(config, splits.train)
    device = choose_device(config.device)
    network = start_network(partial(build_network, config), config, seed=seed)
    start_weights = load_start(network, config)
    weights = class_weights(config.losses.class_weights, pixels)
    weights_c = None if weights is None else send(torch.from_numpy(weights).float(), device)
    return Task(
        kind=KIND,
        network=network,
        draw=lambda number: draw_mixed_batch(config, splits, seed=seed, number=number, rare=rare),
        losses=lambda network, batch: find_losses(config, network, batch, weights_c=weights_c),
        objective=partial(weigh, config),
        validate=lambda network: validate(Segmenter(config, network, device, crop_hw), splits.val),
        choice=Choice("mean_iou", is_higher_better=True),
        identity={"config": to_plain(config), "image_hw": list(crop_hw)},
        facts={
            "start_weights": start_weights,
            "class_weights": None if weights is None else weights.tolist(),
        },
        groups=_groups(config),
    )


def find_losses(
    config: SegmentationConfig, network: nn.Module, batch: Batch, *, weights_c: Tensor | None
) -> Losses:
    """Unweighted losses by name."""
    images, labels = batch
    # In the weights' order from the first layer on: where maps of both orders meet, an activation's gradient takes 40
    # times as long on a CPU.
    memory = torch.channels_last if config.is_channels_last else torch.contiguous_format
    images = normalise(images, config.normalisation).contiguous(memory_format=memory)
    with autocast(images.device, config.arithmetic):
        logits = network(images)
    if config.losses.pixel == "binary":
        return {"binary": level_loss(logits, labels)}
    losses = _pixel_losses(config.losses, logits, labels, weights_c)
    if config.losses.region == "none":
        return losses
    region_loss = lovasz_softmax if config.losses.region == "lovasz" else dice_loss
    return losses | {config.losses.region: region_loss(logits, labels)}


def _pixel_losses(
    config: SegmentationLosses, logits_bchw: Tensor, labels_bhw: Tensor, weights_c: Tensor | None
) -> Losses:
    if config.pixel == "combined":
        return cross_entropy_and_focal(logits_bchw, labels_bhw, weights_c, gamma=config.focal_gamma)
    if config.pixel == "focal":
        return {"focal": focal_loss(logits_bchw, labels_bhw, weights_c, gamma=config.focal_gamma)}
    return {"cross_entropy": cross_entropy(logits_bchw, labels_bhw, weights_c)}


def weigh(config: SegmentationConfig, losses: Losses) -> Tensor:
    """The objective: of `combined` alpha CE + (1 - alpha) focal, and what regions add."""
    own, share = config.losses, config.losses.cross_entropy_share
    if own.pixel == "binary":
        return losses["binary"]
    if own.pixel == "combined":
        pixels = share * losses["cross_entropy"] + (1 - share) * losses["focal"]
    else:
        pixels = losses[own.pixel]
    return pixels if own.region == "none" else pixels + own.region_weight * losses[own.region]


def validate(segmenter: Segmenter, val: SegmentationSet) -> dict[str, float]:
    """Mean IoU, pixel and class accuracy and frequency weighted IoU over all known pixels."""
    size, batch_size = segmenter.config.num_classes, segmenter.config.batch_size
    confusion = np.zeros((1, size, size), np.int64)
    for start in range(0, len(val), batch_size):
        batch = slice(start, start + batch_size)
        found = segment(segmenter, val.images_nhwc[batch], batch_size=batch_size)
        confusion += confusion_matrices(val.labels_nhw[batch], found, num_classes=size).sum(0)
    result = figures(confusion)
    names = ("mean_iou", "pixel_accuracy", "class_accuracy", "frequency_weighted_iou")
    return {name: getattr(result, name) for name in names}


def _check_guessed(config: SegmentationConfig, splits: Splits) -> None:
    if splits.guessed is None:
        return
    check_set("pseudo-labelled", splits.guessed, num_classes=config.num_classes)
    require(
        config.augmentation.geometric.crop_hw is not None or splits.guessed.image_hw == splits.train.image_hw,
        f"Pseudo-labelled images are {splits.guessed.image_hw[1]} x {splits.guessed.image_hw[0]} px and training images "
        f"{splits.train.image_hw[1]} x {splits.train.image_hw[0]}; scale both alike, or set "
        "augmentation.geometric.crop_hw.",
    )


def _rare_classes(config: SegmentationConfig, train: SegmentationSet) -> RareClasses | None:
    sampling = config.sampling
    if sampling.images == "uniform":
        return None
    return find_rare_classes(
        train.labels_nhw, num_classes=config.num_classes, temperature=sampling.temperature
    )


def _crop_hw(config: SegmentationConfig, train: SegmentationSet) -> tuple[int, int]:
    height, width = config.augmentation.geometric.crop_hw or train.image_hw
    require(
        min(height, width) >= SMALLEST_SIDE_PX,
        f"augmentation.geometric.crop_hw is {width} x {height} px, but {SMALLEST_SIDE_PX} px a side is the least.",
    )
    return height, width


def _groups(config: SegmentationConfig) -> tuple[ParameterGroup, ...]:
    if config.backbone_rate_factor == 1:
        return ()
    return (ParameterGroup(BACKBONE, config.backbone_rate_factor),)
