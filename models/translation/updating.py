"""One step of training: generators, then discriminators (Algorithms 8 and 9), as a function of tensors alone.

No value is read back to the host and no shape depends on one, so that a GPU can replay the whole step as a CUDA graph.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import add

import torch
from torch import Tensor, nn

from models.arithmetic.devices import autocast
from models.arithmetic.precision import settle
from models.configs import Arithmetic
from models.training.moving_average import MovingAverage
from models.training.processes import Processes
from models.translation.adversarial import (
    discriminator_loss,
    generator_loss,
    gradient_penalty,
    image_scores,
    r1_penalty,
)
from models.translation.augmentation import NUMBERS, augment
from models.translation.families.family import (
    Adversary,
    Draw,
    Family,
    Needs,
    Phase,
    Term,
    Values,
    gather_needs,
)
from models.translation.families.terms import add_features
from models.translation.image_pool import ImagePool
from models.translation.translator_config import TranslatorConfig

Losses = dict[str, Tensor]


@dataclass
class Learners:
    """All that changes while a translator trains, and the fixed network whose features losses compare."""

    config: TranslatorConfig
    family: Family
    networks: nn.ModuleDict
    optimizers: dict[str, torch.optim.Optimizer]
    pools: dict[str, ImagePool]
    average: MovingAverage | None
    features: Callable[[Tensor], list[Tensor]] | None
    processes: Processes
    constants: Values = field(default_factory=dict)  # that terms name and no step changes, as mean_a/0

    @property
    def arithmetic(self) -> Arithmetic:
        """In which the networks run."""
        return settle(self.config.precision, self.config.device)

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        return self.family.list_terms(self.config)

    @cached_property
    def needs(self) -> Needs:
        return gather_needs(term.needs for term in self.terms)


def game_draws(config: TranslatorConfig, family: Family) -> tuple[Draw, ...]:
    """The uniform random numbers of one step, [batch, ...] each, that the adversaries need."""
    draws: list[Draw] = []
    for adversary in family.adversaries:
        if config.adversarial.gradient_penalty > 0:
            draws.append(Draw(f"mix_{adversary.fake}", (config.batch_size, 1, 1, 1)))
        if config.adversarial.augment:
            shape = (config.batch_size, NUMBERS)
            draws += [
                Draw(f"augment_{adversary.fake}_{look}", shape) for look in ("generator", "fake", "real")
            ]
    return tuple(draws)


def train_step(learners: Learners, batch: Values, phase: Phase) -> Losses:
    """One update of everything; returns the losses, on the device. The batch is what `steps.draw_step` gives."""
    for optimizer in learners.optimizers.values():
        for group in optimizer.param_groups:
            group["lr"].copy_(batch["learning_rate"])
    values, generator_losses = _update_generators(learners, batch, phase)
    discriminator_losses = _update_discriminators(learners, values, phase)
    if learners.average is not None:
        learners.average.update(batch["average_weight"])
    return learners.processes.average_losses(generator_losses | discriminator_losses)


def generator_objective(learners: Learners, batch: Values, phase: Phase) -> tuple[Values, Losses, Tensor]:
    """All tensors of the step, the unweighted losses by name, and their weighted sum."""
    config, family, networks = learners.config, learners.family, learners.networks
    values = _with_features(learners, family.translate(networks, {**learners.constants, **batch}, config))
    losses, weighted = {}, []
    for adversary in family.adversaries:
        seen = _augmented(values[adversary.fake], values, f"augment_{adversary.fake}_generator", config)
        name = f"adversarial_{adversary.fake.removeprefix('seen_')}"
        losses[name] = loss = _fooling_loss(learners, adversary, seen, phase)
        weighted.append(config.losses_of(adversary.domain).adversarial * loss)
    for term in learners.terms:
        losses[term.name] = loss = term.measure(networks, values)
        weighted.append(term.weight * loss)
    return values, losses, torch.stack(weighted).sum()


def discriminator_objective(learners: Learners, adversary: Adversary, values: Values, phase: Phase) -> Tensor:
    """What one discriminator minimises, from real images and `values["pooled"]`, earlier generated ones."""
    config, game = learners.config, learners.config.adversarial
    network = learners.networks[adversary.discriminator]
    real = values[adversary.real].detach()
    fake = values["pooled"].to(real.dtype)
    real = _augmented(real, values, f"augment_{adversary.fake}_real", config)
    fake = _augmented(fake, values, f"augment_{adversary.fake}_fake", config)
    loss = _telling_loss(learners, adversary, real, fake, phase)
    with autocast(real.device, "fp32"):  # a gradient of a gradient wants more digits (on a GPU, TF32's)

        def score(images_bchw: Tensor) -> Tensor:
            scores = adversary.judge(network, images_bchw, config, phase)
            return image_scores(scores, _weights(adversary, images_bchw))

        if game.gradient_penalty > 0:
            mix = values[f"mix_{adversary.fake}"]
            loss = loss + game.gradient_penalty * gradient_penalty(score, real, fake, mix)
        if game.r1 > 0:
            loss = loss + game.r1 / 2 * r1_penalty(score, real)
    return loss


def _fooling_loss(learners: Learners, adversary: Adversary, seen_bchw: Tensor, phase: Phase) -> Tensor:
    """What the generators minimise for one discriminator, summed over its scales."""
    config = learners.config
    scores = adversary.judge(learners.networks[adversary.discriminator], seen_bchw, config, phase)
    weights = _weights(adversary, seen_bchw)
    return reduce(add, [generator_loss(config.adversarial.loss, each, weights) for each in scores])


def _telling_loss(
    learners: Learners, adversary: Adversary, real_bchw: Tensor, fake_bchw: Tensor, phase: Phase
) -> Tensor:
    """What a discriminator minimises without penalties, summed over its scales; one pass for real and fake."""
    config, network = learners.config, learners.networks[adversary.discriminator]
    scores = adversary.judge(network, torch.cat((real_bchw, fake_bchw)), config, phase)
    weights = _weights(adversary, real_bchw), _weights(adversary, fake_bchw)
    losses = []
    for each in scores:
        real, fake = each.chunk(2)
        losses.append(discriminator_loss(config.adversarial.loss, real, fake, *weights))
    return reduce(add, losses)


def _weights(adversary: Adversary, seen_bchw: Tensor) -> Tensor | None:
    return adversary.weigh(seen_bchw).detach() if adversary.weigh is not None else None


def _update_generators(learners: Learners, batch: Values, phase: Phase) -> tuple[Values, Losses]:
    # The discriminators only judge here; without this their own gradients would be computed and thrown away.
    _set_judges_trainable(learners, False)
    learners.family.set_phase(learners.networks, phase)
    with autocast(batch["real_a"].device, learners.arithmetic):
        values, losses, total = generator_objective(learners, batch, phase)
    _descend(learners, "generators", total)
    _set_judges_trainable(learners, True)
    return values, losses


def _update_discriminators(learners: Learners, values: Values, phase: Phase) -> Losses:
    losses = {}
    for adversary in learners.family.adversaries:
        fakes = values[adversary.fake].detach()
        pooled = learners.pools[adversary.fake].exchange(fakes, values[f"pool_{adversary.fake}"])
        with autocast(fakes.device, learners.arithmetic):
            losses[adversary.discriminator] = discriminator_objective(
                learners, adversary, {**values, "pooled": pooled}, phase
            )
    _descend(learners, "discriminators", torch.stack(list(losses.values())).sum())
    return losses


def _with_features(learners: Learners, values: Values) -> Values:
    needs = learners.needs
    if learners.features is None:
        return values
    if needs.input_features:
        with torch.no_grad():
            values = add_features(values, learners.features, list(needs.input_features))
    return add_features(values, learners.features, list(needs.output_features))


def _augmented(images_bchw: Tensor, values: Values, draw: str, config: TranslatorConfig) -> Tensor:
    kinds = config.adversarial.augment
    return augment(images_bchw, values[draw], kinds) if kinds else images_bchw


def _set_judges_trainable(learners: Learners, is_trainable: bool) -> None:
    for adversary in learners.family.adversaries:
        learners.networks[adversary.discriminator].requires_grad_(is_trainable)


def _descend(learners: Learners, side: str, loss: Tensor) -> None:
    optimizer = learners.optimizers[side]
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    learners.processes.average_gradients(optimizer.param_groups[0]["params"])
    optimizer.step()
