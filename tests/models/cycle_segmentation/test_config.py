from dataclasses import fields, replace

import pytest

from models.augmentation.config import GeometricConfig
from models.configs import from_plain, to_plain
from models.cycle_segmentation.config import CycleConfig, CycleSegmentationConfig, NoiseConfig
from models.segmentation.config import SegmentationAugmentation
from models.training.schedules import learning_rate_at
from models.training.supervised_config import SupervisedConfig


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": 10}, "Exactly one of epochs and steps must be given, but they were 200 and 10"),
        ({"epochs": None}, "Exactly one of epochs and steps"),
        ({"epochs": 0}, "epochs must be >= 1, but was 0"),
        ({"num_classes": 255}, r"num_classes must be in 2\.\.254, but was 255"),
        ({"width": 0.1}, r"width must be in 0\.25\.\.4"),
        ({"void_weight": -1}, "void_weight must be >= 0, but was -1"),
        ({"initial_weights": "zeros"}, "initial_weights must be normal or torch, but was 'zeros'"),
        ({"class_weights": "sqrt"}, "class_weights must be one of none, inverse_frequency"),
        ({"batch_size": 0}, "batch_size must be >= 1"),
        ({"adam_beta1": 1.0}, r"adam_beta1 must be in 0\.\.1"),
        ({"schedule": "linear"}, "schedule must be one of"),
    ],
)
def test_settings_that_mean_nothing_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        CycleSegmentationConfig(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"logit_range": "sigmoid"}, "cycle.logit_range must be one of scaled, tanh, raw, but was 'sigmoid'"),
        ({"logit_scale": 0}, "cycle.logit_scale must be > 0"),
        ({"alpha": 1.5}, r"cycle.alpha must be in 0\.\.1, but was 1.5"),
        ({"gamma": -0.1}, r"cycle.gamma must be in 0\.\.1"),
        ({"pool_images": -1}, "cycle.pool_images must be >= 0"),
        ({"unpaired_batch_size": 0}, "cycle.unpaired_batch_size must be >= 1"),
    ],
)
def test_cycles_that_mean_nothing_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        CycleConfig(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "uniform"}, "noise.kind must be one of none, max_only, quantization, gaussian"),
        ({"snr_norm": "pixels"}, "noise.snr_norm must be one of elements, paper"),
        ({"bits": 0}, r"noise.bits must be in 1\.\.16, but was 0"),
        ({"snr_db": 400}, r"noise.snr_db must be in -100\.\.100"),
    ],
)
def test_noises_that_mean_nothing_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        NoiseConfig(**changes)


@pytest.mark.parametrize("cycle", [None, CycleConfig(noise=NoiseConfig(kind="quantization", bits=1))])
def test_it_comes_back_from_plain_values(cycle):
    lay = SegmentationAugmentation(geometric=GeometricConfig(crop_hw=(64, 96)), photometric=None)
    config = CycleSegmentationConfig(cycle=cycle, augmentation=lay, class_weights="enet")
    assert from_plain(CycleSegmentationConfig, to_plain(config)) == config
    assert config.settled() == config and replace(config, precision="auto").settled().precision in (
        "fp32",
        "bf16",
    )


def test_its_loop_is_the_one_of_all_networks_with_adam_as_published():
    config = CycleSegmentationConfig()
    assert {item.name for item in fields(SupervisedConfig)} <= {item.name for item in fields(config)}
    # 2,975 images in batches of 4, 200 times
    training = config.training(num_images=2975)
    assert training.steps == 200 * 743
    assert (training.weight_decay, training.adam_beta1, training.adam_beta2) == (0, 0.5, 0.999)
    rates = [learning_rate_at(200 * step, training) for step in (0, 743 // 2, 743 * 3 // 4, 743)]
    assert rates == pytest.approx([2e-4, 2e-4, 1e-4, 0], abs=2e-7)
    assert config.training(num_images=3).steps == 200  # a set smaller than a batch is one step an epoch


def test_the_weights_of_the_losses_are_the_published_ones():
    config = CycleConfig()
    forward, backward = config.gamma, 1 - config.gamma
    shares = (
        forward * config.alpha,
        forward * (1 - config.alpha),
        backward * config.beta,
        backward * (1 - config.beta),
    )
    assert shares == pytest.approx([10 / 31, 10 / 31, 1 / 31, 10 / 31])


def test_the_segmenter_alone_has_no_void_and_reads_pixels_from_minus_1_to_1():
    config = CycleSegmentationConfig(width=0.5, class_weights="erfnet", epochs=None, steps=7)
    own = config.segmenter
    assert (own.network, own.num_outputs, own.width, own.normalisation) == ("erfnet", 19, 0.5, "symmetric")
    assert (own.losses.class_weights, own.steps, own.batch_size) == ("erfnet", 7, 4)
