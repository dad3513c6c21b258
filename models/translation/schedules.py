"""Training length and learning rate as pure functions of the step, so that a resume cannot drift."""

from models.translation.translator_config import TranslatorConfig


def steps_per_epoch(config: TranslatorConfig, *, num_images: int) -> int:
    """Steps of one pass over the smaller of the two sets (thesis section 3.5), which has `num_images`
    images.
    """
    return max(1, num_images // (config.batch_size * config.processes))


def count_steps(config: TranslatorConfig, *, num_images: int) -> int:
    """Steps of the whole training."""
    if config.steps is not None:
        return config.steps
    assert config.epochs is not None
    return config.epochs * steps_per_epoch(config, num_images=num_images)


def decayed(learning_rate: float, *, done: int, total: int) -> float:
    """`learning_rate` in the first half, then x (total - done) / (total / 2) (Algorithm 8)."""
    return learning_rate * min(1.0, (total - done) / (total / 2))


def learning_rate_at(step: int, *, config: TranslatorConfig, num_images: int) -> float:
    """The rate of `step`: piecewise constant over epochs, or, where the length is given in steps, over
    steps.
    """
    if config.epochs is None:
        return decayed(config.learning_rate, done=step, total=count_steps(config, num_images=num_images))
    epoch = step // steps_per_epoch(config, num_images=num_images)
    return decayed(config.learning_rate, done=epoch, total=config.epochs)
