"""The batches of a training, each a function of its number: which images, how they lie, how they are lit."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from models.arithmetic.devices import choose_device
from models.augmentation.config import IGNORE_LABEL
from models.augmentation.geometric import draw_placement, place_image, place_label_map
from models.augmentation.photometric import change_light, draw_light
from models.segmentation.config import SegmentationConfig
from models.segmentation.data import SegmentationSet, Splits
from models.segmentation.images import load_images
from models.segmentation.sampling import RareClasses
from models.training.randomness import sample_indices, stream_rng

Batch = tuple[Tensor, Tensor]  # float images in 0..1 [b, 3, h, w] and labels int64 [b, h, w]


def draw_batch(
    config: SegmentationConfig,
    data: SegmentationSet,
    *,
    seed: int,
    number: int,
    rare: RareClasses | None = None,
) -> Batch:
    """The augmented batch of this number."""
    images, labels = _draw_placed(config, data, seed=seed, number=number, rare=rare)
    return _light(config, images, labels, seed=seed, number=number)


def draw_mixed_batch(
    config: SegmentationConfig, splits: Splits, *, seed: int, number: int, rare: RareClasses | None = None
) -> Batch:
    """The same of annotated images, and then of those whose labels are guesses: `sampling.guessed_share` of the batch."""
    guessed = round(config.sampling.guessed_share * config.batch_size) if splits.guessed is not None else 0
    if splits.guessed is None or guessed == 0:
        return draw_batch(config, splits.train, seed=seed, number=number, rare=rare)
    known = replace(config, batch_size=config.batch_size - guessed)
    others = replace(config, batch_size=guessed)
    images, labels = _draw_placed(known, splits.train, seed=seed, number=number, rare=rare)
    more, guesses = _draw_placed(others, splits.guessed, seed=seed, number=number, stream="guessed")
    if config.sampling.mixing == "classes":
        rng = stream_rng(seed, "mix", number)
        more, guesses = mix_classes((images, labels), (more, guesses), rng)
    images, labels = torch.cat((images, more)), torch.cat((labels, guesses))
    return _light(config, images, labels, seed=seed, number=number)


def mix_classes(
    known: tuple[Tensor, Tensor], guessed: tuple[Tensor, Tensor], rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Half of the classes of an annotated image, with its pixels, pasted over each of the others (ClassMix, Olsson et al.
    2021, across domains as in DACS, Tranheden et al. 2021). Images [b, 3, h, w], labels [b, h, w].
    """
    images, labels = guessed[0].clone(), guessed[1].clone()
    for index in range(len(images)):
        source = index % len(known[0])
        classes = known[1][source].unique()
        classes = classes[classes != IGNORE_LABEL].cpu().numpy()
        chosen = rng.permutation(classes)[: (len(classes) + 1) // 2]
        pasted = torch.isin(known[1][source], torch.from_numpy(chosen).to(labels))
        images[index] = torch.where(pasted, known[0][source], images[index])
        labels[index] = torch.where(pasted, known[1][source], labels[index])
    return images, labels


def _draw_placed(
    config: SegmentationConfig,
    data: SegmentationSet,
    *,
    seed: int,
    number: int,
    rare: RareClasses | None = None,
    stream: str = "train",
) -> tuple[Tensor, Tensor]:
    """uint8 [b, 3, h, w] and uint8 [b, h, w]."""
    count, device = config.batch_size, choose_device(config.device)
    if rare is None:
        chosen = sample_indices(seed, stream, start=number * count, count=count, population=len(data))
    else:
        chosen = rare.draw(stream_rng(seed, "rare", number), count)
    images = load_images(np.stack([data.images_nhwc[index] for index in chosen]), device)
    labels = torch.from_numpy(np.stack([data.labels_nhw[index] for index in chosen])).to(device)
    lay = config.augmentation.geometric
    rng = stream_rng(seed, "augment" if stream == "train" else f"augment {stream}", number)
    placements = [draw_placement(lay, rng, image_hw=data.image_hw) for _ in chosen]
    images = torch.stack([place_image(*each) for each in zip(images, placements, strict=True)])
    labels = torch.stack([place_label_map(*each) for each in zip(labels, placements, strict=True)])
    return images, labels


def _light(config: SegmentationConfig, images: Tensor, labels: Tensor, *, seed: int, number: int) -> Batch:
    light = config.augmentation.photometric
    if light is None:
        return images.float() / 255, labels.long()
    rng = stream_rng(seed, "light", number)
    return change_light(images, draw_light(light, rng, count=len(images))), labels.long()
