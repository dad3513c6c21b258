"""Trains a detector for a fixed number of steps and keeps the weights with the best F1 in validation."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from models.arithmetic.devices import choose_device
from models.augmentation.geometric import draw_turn, place_image
from models.augmentation.photometric import change_light, draw_light
from models.configs import require, to_plain
from models.detection.augmentation import draw_zooms, place_annotation
from models.detection.config import DetectorConfig
from models.detection.data import Annotation, DetectionSet, check_set
from models.detection.detecting import find_objects, load_images
from models.detection.mosaic import mix_batch
from models.detection.networks.detector import Detector
from models.detection.networks.registry import KINDS, place_detector
from models.detection.scoring.metrics import average_precision, choose_threshold, match_set
from models.detection.weights import build_started_network
from models.training.checkpoints import State
from models.training.loss_log import Report
from models.training.randomness import sample_indices, seeded_torch, stream_rng
from models.training.supervised import Choice, Hooks, Task, train_network

Batch = tuple[Tensor, list[Annotation]]


def train_detector(
    config: DetectorConfig,
    train: DetectionSet,
    val: DetectionSet,
    *,
    seed: int,
    resume: State | None,
    save: Callable[[State], None],
    report: Report,
) -> State:
    """Train `config.steps` steps; returns the finished state, whose `best` part `detect` uses.

    `best` holds the weights, step, F1 and score threshold of the evaluation on `val` with the best F1.
    Raises ValueError for sets or a `resume` that do not fit, TrainingDivergedError if a loss is not finite.
    """
    config = config.settled()
    task = detection_task(config, train, val, seed=seed)
    return train_network(task, config.training, seed=seed, resume=resume, hooks=Hooks(save, report))


def detection_task(
    config: DetectorConfig, train: DetectionSet, val: DetectionSet, *, seed: int
) -> Task[Batch]:
    """A new detector with the batches and figures that it learns by; ValueError for sets that do not fit."""
    image_hw = _check_sets(config, train, val)
    detector, start_weights = start_detector(config, train, seed=seed)

    def losses(network: nn.Module, batch: Batch) -> dict[str, Tensor]:
        assert network is detector.network
        return detector.losses(*batch)

    return Task(
        kind="detector",
        network=detector.network,
        draw=lambda step: draw_batch(detector, train, seed=seed, step=step),
        losses=losses,
        objective=detector.objective,
        validate=lambda network: validate(replace(detector, network=network), val),
        choice=Choice("f1", is_higher_better=True),
        identity={
            "config": to_plain(config),
            "seed": seed,
            "image_hw": list(image_hw),
            "anchors_wh": detector.anchors_wh.tolist(),
        },
        facts={"start_weights": start_weights},
    )


def start_detector(
    config: DetectorConfig, train: DetectionSet, *, seed: int
) -> tuple[Detector, dict[str, Any]]:
    """The detector at step 0 on the configured device, and where its weights come from.

    A pure function of configuration, boxes and seed.
    """
    device = choose_device(config.device)
    boxes = np.concatenate([train.annotation(index).boxes_xyxy for index in range(len(train))])
    anchor_rng = stream_rng(seed, "anchors", 0)
    sizes = KINDS[config.network].learn_anchors(boxes[:, 2:] - boxes[:, :2], config, anchor_rng)
    with seeded_torch(stream_rng(seed, "initialise", 0), device):
        network, start_weights = build_started_network(config)
    height, width = train.images_nhwc.shape[1:3]
    detector = place_detector(config, network, anchors_wh=sizes, image_hw=(height, width), device=device)
    return detector, start_weights


def draw_batch(detector: Detector, data: DetectionSet, *, seed: int, step: int) -> Batch:
    """The augmented batch of `step`: float images in 0..1 [b, 3, h, w] and what they show."""
    config, rng = detector.config, stream_rng(seed, "augment", step)
    count, augmentation = config.batch_size, config.augmentation
    chosen = sample_indices(seed, "train", start=step * count, count=count, population=len(data))
    images = load_images(np.stack([data.images_nhwc[index] for index in chosen]), detector.device)
    # Streams of their own for zoom and mosaics, so that without them all other draws are what they were.
    zooms = draw_zooms(augmentation, stream_rng(seed, "zoom", step), count=count)
    turns = [replace(draw_turn(augmentation.geometric, rng), scale=zoom) for zoom in zooms]
    images = torch.stack([place_image(image, turn) for image, turn in zip(images, turns, strict=True)])
    annotations = [
        place_annotation(data.annotation(index), turn, image_hw=detector.image_hw)
        for index, turn in zip(chosen, turns, strict=True)
    ]
    images, annotations = mix_batch(
        images,
        annotations,
        probability=augmentation.mosaic_probability,
        rng=stream_rng(seed, "mosaic", step),
    )
    return change_light(images, draw_light(augmentation.photometric, rng, count=count)), annotations


def validate(detector: Detector, val: DetectionSet) -> dict[str, float]:
    """F1 at the score threshold where it is best, with that threshold, precision, recall and average precision."""
    found = find_objects(detector, val.images_nhwc, batch_size=detector.config.batch_size)
    matches = match_set(found, val, iou_threshold=detector.config.match_iou)
    quality = choose_threshold(matches)
    result = {"f1": quality.f1, "precision": quality.precision, "recall": quality.recall}
    return result | {"threshold": quality.threshold, "average_precision": average_precision(matches)}


def _check_sets(config: DetectorConfig, train: DetectionSet, val: DetectionSet) -> tuple[int, int]:
    check_set("training", train, num_classes=config.num_classes)
    check_set("validation", val, num_classes=config.num_classes)
    sizes = [data.images_nhwc.shape[1:3] for data in (train, val)]
    require(
        sizes[0] == sizes[1],
        f"The training images are {sizes[0][1]} x {sizes[0][0]} px and the validation images {sizes[1][1]} x "
        f"{sizes[1][0]} px; bring both to the network's size.",
    )
    require(
        min(sizes[0]) >= 32,
        f"The images are {sizes[0][1]} x {sizes[0][0]} px, but 32 px a side is the least.",
    )
    return int(sizes[0][0]), int(sizes[0][1])
