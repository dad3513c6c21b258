"""What the noise is for, in short trainings of shallow networks on streets whose pixels no label map tells of.

Three convolutions hide an image in its segmentation within seconds; ERFNets would take hours.
"""

from dataclasses import replace
from functools import cache

import pytest
import torch
from torch import nn

from models.cycle_segmentation.config import CycleSegmentationConfig
from models.cycle_segmentation.data import CycleSets
from models.cycle_segmentation.networks import BACKWARD, backward_statistics
from models.cycle_segmentation.training import cycle_task
from models.training.supervised import Hooks, train_network
from tests.models.cycle_segmentation.toy_cycles import TINY, with_noise
from tests.models.segmentation.toy_street import draw_set

CONFIG = replace(TINY, learning_rate=1e-2, steps=150, eval_every_steps=150, report_every_steps=150)
GRAIN = 40.0  # in levels of 0..255: labels alone, which say nothing of it, give about 16 dB
NOISES = {
    "none": {},
    "weak": {"kind": "gaussian", "snr_db": 40.0},
    "medium": {"kind": "gaussian", "snr_db": 7.38},
    "strong": {"kind": "gaussian", "snr_db": -20.0},
    "two_bits": {"kind": "quantization", "bits": 2},
}


def shallow(in_channels: int, out_channels: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(in_channels, 24, 3, padding=1),
        nn.BatchNorm2d(24),
        nn.ReLU(),
        nn.Conv2d(24, out_channels, 3, padding=1),
    )


def build_shallow(config: CycleSegmentationConfig) -> nn.ModuleDict:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        networks = nn.ModuleDict(
            {
                "segmenter": shallow(3, config.num_outputs),
                "synthesizer": shallow(config.num_outputs, 3),
                "discriminator": nn.Sequential(nn.Conv2d(3, 8, 4, 4), nn.LeakyReLU(0.2), nn.Conv2d(8, 1, 2)),
            }
        )
    networks[BACKWARD] = backward_statistics(networks)
    return networks


@cache
def figures_with(noise: str) -> dict[str, float]:
    """Of the validation after a training with this noise."""
    config = with_noise(CONFIG, **NOISES[noise])
    sets = CycleSets(draw_set(12, seed=0, noise=GRAIN), draw_set(5, seed=1, noise=GRAIN))
    task = replace(cycle_task(config, sets, seed=0), network=build_shallow(config))
    training = config.training(num_images=12)
    return train_network(task, training, seed=0, resume=None, hooks=Hooks())["best"]


def test_every_arm_learns_its_classes():
    assert all(figures_with(noise)["mean_iou"] > 0.9 for noise in NOISES)


def test_without_noise_an_image_hides_in_its_segmentation():
    # far more than labels alone can give, and in values so small that noise of a hundredth of the range is seen
    assert figures_with("none")["psnr_db"] > 21
    assert figures_with("none")["probe_drop_db"] > 0.05


@pytest.mark.parametrize("noise", ["medium", "two_bits", "strong"])
def test_with_noise_the_probe_takes_at_most_half_of_what_it_takes_without(noise):
    assert figures_with(noise)["probe_drop_db"] <= 0.5 * figures_with("none")["probe_drop_db"]


def test_strong_noise_leaves_less_to_reconstruct_from_than_weak_noise():
    assert figures_with("strong")["psnr_db"] < figures_with("weak")["psnr_db"] - 5
    assert figures_with("strong")["psnr_db"] < figures_with("medium")["psnr_db"] - 3


@pytest.mark.parametrize("noise", ["weak", "medium", "strong"])
def test_the_ratio_measured_in_validation_is_the_one_that_was_set(noise):
    # The few hundred values of an image scatter by some hundredths of a dB.
    assert figures_with(noise)["snr_db"] == pytest.approx(NOISES[noise]["snr_db"], abs=0.03)
