"""A cycle small enough to train in seconds, on drawn streets."""

from dataclasses import replace
from typing import Any

from models.augmentation.config import GeometricConfig
from models.cycle_segmentation.config import CycleSegmentationConfig, NoiseConfig
from models.cycle_segmentation.data import CycleSets
from models.segmentation.config import SegmentationAugmentation
from tests.models.segmentation.toy_street import CLASSES, draw_set

NO_CHANGE = SegmentationAugmentation(geometric=GeometricConfig(), photometric=None)
TINY = CycleSegmentationConfig(
    num_classes=CLASSES,
    width=0.25,
    epochs=None,
    steps=6,
    batch_size=2,
    learning_rate=2e-3,
    initial_weights="torch",
    precision="fp32",
    device="cpu",
    report_every_steps=2,
    eval_every_steps=3,
    checkpoint_every_steps=3,
    augmentation=NO_CHANGE,
)


def with_cycle(config: CycleSegmentationConfig = TINY, **changes: Any) -> CycleSegmentationConfig:
    """`changes` are of the cycle's own fields."""
    assert config.cycle is not None
    return replace(config, cycle=replace(config.cycle, **changes))


def with_noise(config: CycleSegmentationConfig = TINY, **noise: Any) -> CycleSegmentationConfig:
    return with_cycle(config, noise=NoiseConfig(**noise))


def draw_sets(**more: Any) -> CycleSets:
    return CycleSets(draw_set(12, seed=0), draw_set(5, seed=1), **more)
