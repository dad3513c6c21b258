"""Trains a detector for a fixed number of steps and keeps the weights with the best F1 in validation."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.arithmetic.devices import choose_device
from models.configs import require, to_plain
from models.detection.augmentation import change_light, draw_turn, turn_annotation, turn_image
from models.detection.config import DetectorConfig
from models.detection.data import Annotation, DetectionSet, check_set
from models.detection.detecting import find_objects, load_images
from models.detection.mosaic import mix_batch
from models.detection.networks.detector import Detector
from models.detection.networks.registry import KINDS, place_detector
from models.detection.scoring.metrics import average_precision, best_quality, match_set
from models.detection.weights import build_started_network
from models.training.checkpoints import State, load_weights, require_kind, require_resumable, snapshot
from models.training.loss_log import LossLog, Report, require_finite_weights
from models.training.randomness import sample_indices, seeded_torch, stream_rng


@dataclass
class Training:
    """All that changes while a detector trains."""

    detector: Detector
    optimizer: torch.optim.Optimizer
    start_weights: dict[str, Any]
    best: dict[str, Any] | None = None
    step: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)


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
    image_hw = _check_sets(config, train, val)
    identity = {"config": to_plain(config), "seed": seed, "image_hw": list(image_hw)}
    training = start_training(config, train, seed=seed)
    if resume is not None:
        _restore(training, resume, identity=identity)
    log = LossLog(
        training.history, every_steps=config.report_every_steps, total_steps=config.steps, report=report
    )
    while training.step < config.steps:
        images, annotations = draw_batch(training.detector, train, seed=seed, step=training.step)
        rate = learning_rate_at(training.step, config)
        losses = train_step(training, images, annotations, learning_rate=rate, seed=seed)
        training.step += 1
        log.add(training.step, losses, learning_rate=rate)
        if training.step % config.eval_every_steps == 0 or training.step == config.steps:
            log.flush(training.step, learning_rate=rate)
            report(_validate(training, val))
        if training.step % config.checkpoint_every_steps == 0:
            log.flush(training.step, learning_rate=rate)
            save(_resumable_state(training, identity))
    return _finished_state(training, identity)


def learning_rate_at(step: int, config: DetectorConfig) -> float:
    """Linear warm-up, then half a cosine down to a hundredth; a pure function of the step."""
    warm = min(1.0, (step + 1) / max(1, config.warmup_steps))
    return config.learning_rate * warm * (0.505 + 0.495 * math.cos(math.pi * step / config.steps))


def draw_batch(
    detector: Detector, data: DetectionSet, *, seed: int, step: int
) -> tuple[Tensor, list[Annotation]]:
    """The augmented batch of `step`: float images in 0..1 [b, 3, h, w] and what they show."""
    config, rng = detector.config, stream_rng(seed, "augment", step)
    count = config.batch_size
    chosen = sample_indices(seed, "train", start=step * count, count=count, population=len(data))
    images = load_images(np.stack([data.images_nhwc[index] for index in chosen]), detector.device)
    turns = [draw_turn(config.augmentation, rng) for _ in chosen]
    images = torch.stack([turn_image(image, turn) for image, turn in zip(images, turns, strict=True)])
    annotations = [
        turn_annotation(data.annotation(index), turn, image_hw=detector.image_hw)
        for index, turn in zip(chosen, turns, strict=True)
    ]
    # A stream of its own, so that without mosaics all other draws are what they were.
    images, annotations = mix_batch(
        images,
        annotations,
        probability=config.augmentation.mosaic_probability,
        rng=stream_rng(seed, "mosaic", step),
    )
    return change_light(images, config.augmentation, rng), annotations


def train_step(
    training: Training, images: Tensor, annotations: list[Annotation], *, learning_rate: float, seed: int
) -> dict[str, Tensor]:
    """One update; returns the unweighted losses, on the device."""
    detector, optimizer = training.detector, training.optimizer
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    detector.network.train()
    with seeded_torch(stream_rng(seed, "dropout", training.step), detector.device):
        losses = detector.losses(images, annotations)
    optimizer.zero_grad(set_to_none=True)
    detector.objective(losses).backward()
    optimizer.step()
    return losses


def _validate(training: Training, val: DetectionSet) -> dict[str, Any]:
    """Evaluate on `val`, keep the weights if their F1 is the best so far, and note the result."""
    config, network = training.detector.config, training.detector.network
    found = find_objects(training.detector, val.images_nhwc, batch_size=config.batch_size)
    matches = match_set(found, val, iou_threshold=config.match_iou)
    quality = best_quality(matches)
    result = {"f1": quality.f1, "precision": quality.precision, "recall": quality.recall}
    result |= {"threshold": quality.threshold, "average_precision": average_precision(matches)}
    if training.best is None or quality.f1 > training.best["f1"]:
        training.best = {"step": training.step, **result, "network": snapshot(network.state_dict())}
    entry = {"step": training.step, "total_steps": config.steps}
    entry |= {f"val_{name}": value for name, value in result.items()}
    training.history.append(entry)
    return dict(entry)


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


def start_training(config: DetectorConfig, train: DetectionSet, *, seed: int) -> Training:
    """Everything at step 0 on the configured device: a pure function of configuration, boxes and seed."""
    device = choose_device(config.device)
    boxes = np.concatenate([train.annotation(index).boxes_xyxy for index in range(len(train))])
    anchor_rng = stream_rng(seed, "anchors", 0)
    sizes = KINDS[config.network].learn_anchors(boxes[:, 2:] - boxes[:, :2], config, anchor_rng)
    with seeded_torch(stream_rng(seed, "initialise", 0), device):
        network, start_weights = build_started_network(config)
    height, width = train.images_nhwc.shape[1:3]
    detector = place_detector(config, network, anchors_wh=sizes, image_hw=(height, width), device=device)
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay, fused=True
    )
    return Training(detector, optimizer, start_weights)


def _restore(training: Training, state: State, *, identity: dict[str, Any]) -> None:
    require_kind(state, "detector")
    require_resumable(state, expected=identity | {"anchors_wh": training.detector.anchors_wh.tolist()})
    load_weights(training.detector.network, state["network"])
    training.optimizer.load_state_dict(state["optimizers"]["all"])
    training.best = state["best"]
    training.step = state["step"]
    training.history.extend(state["history"])


def _resumable_state(training: Training, identity: dict[str, Any]) -> State:
    return _finished_state(training, identity) | snapshot(
        {
            "network": training.detector.network.state_dict(),
            "optimizers": {"all": training.optimizer.state_dict()},
        }
    )


def _finished_state(training: Training, identity: dict[str, Any]) -> State:
    require_finite_weights([training.detector.network], step=training.step)
    return snapshot(
        {
            "kind": "detector",
            **identity,
            "anchors_wh": training.detector.anchors_wh.tolist(),
            "start_weights": training.start_weights,
            "step": training.step,
            "best": training.best,
            "history": training.history,
        }
    )
