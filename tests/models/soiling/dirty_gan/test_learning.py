"""The whole of it in seconds: a segmenter learns what soiling is, and the confined CycleGAN to soil by masks."""

from dataclasses import replace

import numpy as np
import torch

from models.augmentation.config import GeometricConfig
from models.segmentation.config import SegmentationAugmentation, SegmentationConfig, SegmentationLosses
from models.segmentation.data import SegmentationSet, Splits
from models.segmentation.training import train_segmenter
from models.soiling.dirty_gan.applying import load_dirty_gan, soil_images
from models.soiling.dirty_gan.config import DirtyLosses
from models.soiling.dirty_gan.data import DirtySplits
from models.soiling.dirty_gan.training import train_dirty_gan
from models.soiling.mask_iou import mean_iou
from models.soiling.opacity import OpacityNetwork, load_opacity
from models.training.supervised import Hooks
from models.translation.images import to_floats
from models.translation.networks.configs import DiscriminatorConfig, GeneratorConfig
from tests.models.soiling.toy_soiling import (
    BROWN,
    HEIGHT,
    TINY_GAN,
    WIDTH,
    draw_masks,
    draw_photos,
    draw_sets,
)

SEGMENTER = SegmentationConfig(
    steps=160,
    batch_size=8,
    learning_rate=5e-3,
    warmup_steps=5,
    num_classes=2,
    width=0.5,
    losses=SegmentationLosses(pixel="binary"),
    augmentation=SegmentationAugmentation(geometric=GeometricConfig(), photometric=None),
    device="cpu",
    precision="fp32",
    eval_every_steps=40,
)
CONFIG = replace(
    TINY_GAN,
    generator=GeneratorConfig(filters=8, blocks=1),
    discriminator=DiscriminatorConfig(filters=8, last_stride=1),
    losses=DirtyLosses(mask=5.0),
    steps=100,
    learning_rate=1e-3,
    eval_every_steps=100,
    checkpoint_every_steps=1000,
)


def learn_soiling() -> OpacityNetwork:
    masks = draw_masks(24, seed=0, height=HEIGHT, width=WIDTH)
    data = SegmentationSet(draw_sets(24, seed=0).soiled_nhwc, (masks > 0.5).astype(np.uint8))
    state = train_segmenter(SEGMENTER, Splits(data, data), seed=0, resume=None, hooks=Hooks())
    return load_opacity(state, device="cpu", precision="fp32")


def test_masks_are_filled_with_what_the_segmenter_takes_for_soiling_and_looks_like_it():
    opacity = learn_soiling()
    splits = DirtySplits(draw_sets(24, seed=0), draw_sets(8, seed=1))
    state = train_dirty_gan(CONFIG, splits, opacity, seed=0, resume=None, hooks=Hooks())
    gan = load_dirty_gan(state, device="cpu", precision="fp32")
    photos, masks = draw_photos(8, seed=77), draw_masks(8, seed=78, height=HEIGHT, width=WIDTH)
    soiled = soil_images(gan, photos, masks)
    with torch.inference_mode():
        clean_found, found = (
            opacity(to_floats(torch.from_numpy(images).permute(0, 3, 1, 2)))[:, 0].numpy()
            for images in (photos, soiled)
        )
    assert mean_iou(clean_found, masks) < 0.1
    assert mean_iou(found, masks) > 0.6
    # Clean photos are 101 grey levels a colour away from the mud.
    distance = np.abs(soiled[masks == 1].astype(int) - BROWN).mean()
    assert distance < 60
