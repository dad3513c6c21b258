"""The learning rate as a pure function of the step, so that a resume cannot drift."""

import math

from models.training.supervised_config import SupervisedConfig


def learning_rate_at(step: int, config: SupervisedConfig) -> float:
    """A linear warm-up times the schedule, which falls from 1 at step 0 to `final_share` at the last one's end."""
    warm = min(1.0, (step + 1) / max(1, config.warmup_steps))
    return config.learning_rate * warm * _share_at(step, config)


def _share_at(step: int, config: SupervisedConfig) -> float:
    last = config.final_share
    if config.schedule == "cosine":
        return (1 + last) / 2 + (1 - last) / 2 * math.cos(math.pi * step / config.steps)
    if config.schedule == "polynomial":
        return last + (1 - last) * (1 - step / config.steps) ** config.polynomial_power
    if config.schedule == "late_linear":
        return last + (1 - last) * min(1.0, 2 * (1 - step / config.steps))
    return 1.0
