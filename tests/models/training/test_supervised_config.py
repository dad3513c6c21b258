import pytest

from models.configs import from_plain, to_plain
from models.detection.config import DetectorConfig
from models.training.supervised_config import SupervisedConfig


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": 0}, "steps must be >= 1, but was 0"),
        ({"batch_size": 0}, "batch_size must be >= 1, but was 0"),
        ({"processes": 0}, "processes must be >= 1, but was 0"),
        ({"eval_every_steps": 0}, "eval_every_steps must be >= 1, but was 0"),
        ({"weight_decay": -1}, "weight_decay must be >= 0, but was -1"),
        ({"learning_rate": 0}, "learning_rate must be > 0, but was 0"),
        (
            {"schedule": "linear"},
            "schedule must be one of cosine, polynomial, constant, late_linear, but was 'linear'",
        ),
        ({"final_share": 2}, r"final_share must be in 0\.\.1, but was 2"),
        ({"adam_beta1": 1}, r"adam_beta1 must be in 0\.\.1 \(1 excluded\), but was 1"),
        ({"ema_decay": 1}, r"ema_decay must be in 0\.\.1 \(1 excluded\), but was 1"),
        ({"early_stop_after": 0}, "early_stop_after must be >= 1, but was 0; null never stops early"),
    ],
)
def test_settings_that_mean_nothing_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        SupervisedConfig(**({"steps": 10} | changes))


def test_it_comes_back_from_plain_values():
    config = SupervisedConfig(steps=7, ema_decay=0.9, early_stop_after=3)
    assert from_plain(SupervisedConfig, to_plain(config)) == config


def test_the_settled_precision_is_one_of_arithmetic():
    config = SupervisedConfig(steps=1, device="cpu")
    assert config.settled().precision == config.arithmetic != "auto"


def test_a_detectors_settings_of_the_loop_reach_it_and_leave_the_rest_as_detectors_train():
    config = DetectorConfig(
        steps=7,
        batch_size=3,
        learning_rate=0.5,
        weight_decay=0.25,
        warmup_steps=2,
        precision="fp32",
        is_channels_last=False,
        device="cpu",
        report_every_steps=4,
        eval_every_steps=5,
        checkpoint_every_steps=6,
    )
    own = SupervisedConfig(
        steps=7,
        batch_size=3,
        learning_rate=0.5,
        weight_decay=0.25,
        warmup_steps=2,
        precision="fp32",
        is_channels_last=False,
        device="cpu",
        report_every_steps=4,
        eval_every_steps=5,
        checkpoint_every_steps=6,
        schedule="cosine",
        final_share=0.01,
        ema_decay=0.0,
        early_stop_after=None,
    )
    assert config.training == own
    with pytest.raises(ValueError, match="checkpoint_every_steps must be >= 1, but was 0"):
        DetectorConfig(checkpoint_every_steps=0)
