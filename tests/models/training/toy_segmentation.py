"""A supervised task that takes seconds: bright ellipses on a patchy, noisy ground, told from it pixel by pixel."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.arithmetic.devices import autocast
from models.augmentation.config import IGNORE_LABEL, GeometricConfig, PhotometricConfig
from models.augmentation.geometric import draw_placement, place_image, place_label_map
from models.augmentation.photometric import change_light, draw_light
from models.configs import to_plain
from models.training.randomness import sample_indices, stream_rng
from models.training.supervised import Choice, Task, start_network
from models.training.supervised_config import SupervisedConfig

HEIGHT_PX, WIDTH_PX = 32, 40
LIGHT = PhotometricConfig(blur_probability=0.1, blur_max_sigma_px=0.5)
LAY = GeometricConfig(
    rotation="half_turn", tilt_deg=10, smallest_scale=0.9, largest_scale=1.2, crop_hw=(24, 32)
)

Batch = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class LabelledSet:
    """Images uint8 [n, 3, h, w] and label maps uint8 [n, h, w]: 0 ground, 1 ellipse, the rim between is ignored."""

    images_nchw: Tensor
    labels_nhw: Tensor


def draw_set(num_images: int, *, seed: int) -> LabelledSet:
    rng = np.random.default_rng(seed)
    images, labels = zip(*(draw_image(rng) for _ in range(num_images)), strict=True)
    return LabelledSet(torch.from_numpy(np.stack(images)), torch.from_numpy(np.stack(labels)))


def draw_image(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    patches = rng.uniform(40, 160, (3, HEIGHT_PX // 8, WIDTH_PX // 8))
    image = patches.repeat(8, 1).repeat(8, 2) + rng.normal(0, 12, (3, HEIGHT_PX, WIDTH_PX))
    half = rng.uniform(5, 10, (2, 1, 1))
    centre = rng.uniform(half, np.array((HEIGHT_PX, WIDTH_PX)).reshape(2, 1, 1) - half)
    distance = np.sqrt(np.square((np.mgrid[:HEIGHT_PX, :WIDTH_PX] + 0.5 - centre) / half).sum(0))
    image[:, distance <= 1] = rng.uniform((190, 20, 20), (255, 70, 70)).reshape(3, 1)
    labels = np.where(distance <= 0.95, 1, np.where(distance <= 1.05, IGNORE_LABEL, 0))
    return np.clip(image, 0, 255).astype(np.uint8), labels.astype(np.uint8)


class SmallNetwork(nn.Module):
    """Two classes a pixel by three layers: `body` and `head`, with batch norm and dropout."""

    def __init__(self, dropout: float = 0.2) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Dropout2d(dropout),
            nn.Conv2d(8, 8, 3, padding=2, dilation=2),
            nn.ReLU(),
        )
        self.head = nn.Conv2d(8, 2, 3, padding=1)

    def forward(self, images_bchw: Tensor) -> Tensor:
        return self.head(self.body(images_bchw))


def segmentation_task(
    config: SupervisedConfig, train: LabelledSet, val: LabelledSet, *, seed: int, **changes
) -> Task[Batch]:
    """`changes` are of the task's own fields."""
    network = changes.pop("network", None) or start_network(SmallNetwork, config, seed=seed)
    parts = {
        "kind": "toy_segmenter",
        "network": network,
        "draw": lambda number: draw_batch(train, config, seed=seed, number=number),
        "losses": lambda network, batch: losses(network, batch, config),
        "validate": lambda network: validate(network, val, config),
        "choice": Choice("miou", is_higher_better=True),
        "identity": {"config": to_plain(config)},
    }
    return Task(**(parts | changes))


def draw_batch(data: LabelledSet, config: SupervisedConfig, *, seed: int, number: int) -> Batch:
    """Float images [b, 3, 24, 32] and label maps int64 [b, 24, 32]."""
    count, rng = config.batch_size, stream_rng(seed, "augment", number)
    chosen = sample_indices(
        seed, "train", start=number * count, count=count, population=len(data.images_nchw)
    )
    placements = [draw_placement(LAY, rng, image_hw=(HEIGHT_PX, WIDTH_PX)) for _ in chosen]
    images = [
        place_image(data.images_nchw[index], each) for index, each in zip(chosen, placements, strict=True)
    ]
    labels = [
        place_label_map(data.labels_nhw[index], each) for index, each in zip(chosen, placements, strict=True)
    ]
    return change_light(torch.stack(images), draw_light(LIGHT, rng, count=count)), torch.stack(labels).long()


def losses(network: nn.Module, batch: Batch, config: SupervisedConfig) -> dict[str, Tensor]:
    images, labels = batch
    with autocast(images.device, config.arithmetic):
        logits = network(images)
    return {"cross_entropy": functional.cross_entropy(logits.float(), labels, ignore_index=IGNORE_LABEL)}


def validate(network: nn.Module, val: LabelledSet, config: SupervisedConfig) -> dict[str, float]:
    """Mean IoU of both classes over all known pixels, and the cross entropy."""
    images, labels = val.images_nchw.float() / 255, val.labels_nhw.long()
    with autocast(images.device, config.arithmetic):
        logits = network(images).float()
    found, is_known = logits.argmax(1), labels != IGNORE_LABEL
    ious = []
    for label in (0, 1):
        is_found, is_there = (found == label) & is_known, labels == label
        ious.append(((is_found & is_there).sum() / (is_found | is_there).sum()).item())
    entropy = functional.cross_entropy(logits, labels, ignore_index=IGNORE_LABEL).item()
    assert math.isfinite(entropy)
    return {"miou": sum(ious) / 2, "cross_entropy": entropy}
