"""Trains any family of translators: one loop, in which only the family's record differs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from models.checkpoints import State, load_weights, require_kind, require_resumable, snapshot
from models.configs import to_plain
from models.devices import autocast, choose_device
from models.loss_log import LossLog, Report, require_finite_weights
from models.randomness import seeded_torch, stream_rng
from models.translation.config import RefinerConfig
from models.translation.cyclegan import CYCLEGAN
from models.translation.family import Family, Values
from models.translation.image_pool import ImagePool
from models.translation.images import draw_batch, load_domains
from models.translation.losses import least_squares
from models.translation.schedules import count_steps, learning_rate_at, steps_per_epoch

FAMILIES = {"cyclegan": CYCLEGAN}


@dataclass
class Training:
    """All that changes while a refiner trains."""

    config: RefinerConfig
    family: Family
    networks: nn.ModuleDict
    optimizers: dict[str, torch.optim.Optimizer]
    pools: dict[str, ImagePool]
    ema: AveragedModel | None
    step: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)


def train_refiner(
    config: RefinerConfig,
    synthetic_nhwc: np.ndarray,
    real_nhwc: np.ndarray,
    *,
    seed: int,
    resume: State | None,
    save: Callable[[State], None],
    report: Report,
) -> State:
    """Train on unpaired uint8 crops [n, h, w, 3]; returns the finished state, which `refine` takes.

    `save` gets a resumable state every `checkpoint_every_steps`, `report` the mean losses every
    `report_every_steps`.
    Raises ValueError for crops or a `resume` that do not fit, TrainingDivergedError if a loss is not finite.
    """
    device = choose_device(config.device)
    domains = load_domains(synthetic_nhwc, real_nhwc, batch_size=config.batch_size, device=device)
    identity = _identity(config, seed=seed, image_hw=synthetic_nhwc.shape[1:3])
    training = _start(config, seed=seed, device=device)
    if resume is not None:
        _restore(training, resume, identity=identity)
    num_images = min(len(images) for images in domains.values())
    total_steps = count_steps(config, num_images=num_images)
    log = LossLog(
        training.history, every_steps=config.report_every_steps, total_steps=total_steps, report=report
    )
    while training.step < total_steps:
        batch = draw_batch(domains, config, seed=seed, step=training.step)
        rate = learning_rate_at(training.step, config=config, num_images=num_images)
        losses = train_step(training, batch, learning_rate=rate, seed=seed)
        epoch = training.step // steps_per_epoch(config, num_images=num_images)
        training.step += 1
        log.add(training.step, losses, epoch=epoch, learning_rate=rate)
        if training.step % config.checkpoint_every_steps == 0:
            log.flush(training.step, epoch=epoch, learning_rate=rate)
            save(_resumable_state(training, identity))
    return _finished_state(training, identity)


def train_step(training: Training, batch: Values, *, learning_rate: float, seed: int) -> dict[str, Tensor]:
    """One update of the generators, then one of the discriminators (Algorithm 8); returns the losses, on the
    device.
    """
    for optimizer in training.optimizers.values():
        for group in optimizer.param_groups:
            group["lr"] = learning_rate
    values, generator_losses = _update_generators(training, batch)
    discriminator_losses = _update_discriminators(training, values, seed=seed)
    if training.ema is not None:
        training.ema.update_parameters(_generators(training))
    return generator_losses | discriminator_losses


def _update_generators(training: Training, batch: Values) -> tuple[Values, dict[str, Tensor]]:
    config, family, networks = training.config, training.family, training.networks
    # The discriminators only judge here; without this their own gradients would be computed and thrown away.
    for adversary in family.adversaries:
        networks[adversary.discriminator].requires_grad_(False)
    with autocast(batch["real_a"].device, config.precision):
        values = family.translate(networks, batch, config)
        losses, total = _generator_losses(training, values)
    _descend(training.optimizers["generators"], total)
    for adversary in family.adversaries:
        networks[adversary.discriminator].requires_grad_(True)
    return values, losses


def _generator_losses(training: Training, values: Values) -> tuple[dict[str, Tensor], Tensor]:
    """Unweighted losses by name, and their weighted sum."""
    config, networks = training.config, training.networks
    losses, weighted = {}, []
    for adversary in training.family.adversaries:
        scores = networks[adversary.discriminator](values[adversary.fake])
        losses[f"adversarial_{adversary.fake}"] = loss = least_squares(scores, is_real=True)
        weighted.append(config.losses.adversarial * loss)
    for term in training.family.list_terms(config):
        losses[term.name] = loss = term.measure(networks, values)
        weighted.append(term.weight * loss)
    return losses, torch.stack(weighted).sum()


def _update_discriminators(training: Training, values: Values, *, seed: int) -> dict[str, Tensor]:
    config, losses = training.config, {}
    for adversary in training.family.adversaries:
        rng = stream_rng(seed, f"pool_{adversary.fake}", training.step)
        fakes = training.pools[adversary.fake].exchange(values[adversary.fake], rng)
        reals = values[adversary.real]
        with autocast(reals.device, config.precision):
            both = torch.cat((reals, fakes.to(reals.dtype)))
            real_scores, fake_scores = training.networks[adversary.discriminator](both).chunk(2)
            loss = least_squares(real_scores, is_real=True) + least_squares(fake_scores, is_real=False)
        losses[adversary.discriminator] = (
            loss / 2
        )  # halved, as in the CycleGAN paper, to slow the discriminator
    _descend(training.optimizers["discriminators"], torch.stack(list(losses.values())).sum())
    return losses


def _descend(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()


def _start(config: RefinerConfig, *, seed: int, device: torch.device) -> Training:
    family = FAMILIES[config.family]
    with seeded_torch(stream_rng(seed, "initialise", 0), device):
        networks = family.build_networks(config)
    networks = networks.to(device)
    generators = nn.ModuleDict({name: networks[name] for name in family.generators})
    discriminators = nn.ModuleList(networks[adversary.discriminator] for adversary in family.adversaries)
    return Training(
        config=config,
        family=family,
        networks=networks,
        optimizers={
            "generators": _adam(generators, config),
            "discriminators": _adam(discriminators, config),
        },
        pools={adversary.fake: ImagePool(config.pool_images) for adversary in family.adversaries},
        ema=_average(generators, config) if config.ema_decay > 0 else None,
    )


def _adam(networks: nn.Module, config: RefinerConfig) -> torch.optim.Optimizer:
    betas = (config.adam_beta1, config.adam_beta2)
    return torch.optim.Adam(networks.parameters(), lr=config.learning_rate, betas=betas, fused=True)


def _average(generators: nn.ModuleDict, config: RefinerConfig) -> AveragedModel:
    return AveragedModel(generators, multi_avg_fn=get_ema_multi_avg_fn(config.ema_decay))


def _generators(training: Training) -> nn.ModuleDict:
    return nn.ModuleDict({name: training.networks[name] for name in training.family.generators})


def _identity(config: RefinerConfig, *, seed: int, image_hw: tuple[int, ...]) -> dict[str, Any]:
    """What a state must have in common with the run that resumes it."""
    return {"config": to_plain(config), "seed": seed, "image_hw": list(image_hw)}


def _restore(training: Training, state: State, *, identity: dict[str, Any]) -> None:
    require_kind(state, "refiner")
    require_resumable(state, expected=identity)
    load_weights(training.networks, state["networks"])
    for name, optimizer in training.optimizers.items():
        optimizer.load_state_dict(state["optimizers"][name])
    device = next(training.networks.parameters()).device
    for name, images in state["pools"].items():
        training.pools[name] = ImagePool(training.config.pool_images, [image.to(device) for image in images])
    if training.ema is not None:
        load_weights(training.ema, state["ema"])
    training.step = state["step"]
    training.history.extend(state["history"])


def _resumable_state(training: Training, identity: dict[str, Any]) -> State:
    optimizers = {name: optimizer.state_dict() for name, optimizer in training.optimizers.items()}
    pools = {name: pool.images for name, pool in training.pools.items()}
    return _finished_state(training, identity) | snapshot({"optimizers": optimizers, "pools": pools})


def _finished_state(training: Training, identity: dict[str, Any]) -> State:
    require_finite_weights(training.networks.values(), step=training.step)
    return snapshot(
        {
            "kind": "refiner",
            **identity,
            "step": training.step,
            "networks": training.networks.state_dict(),
            "ema": training.ema.state_dict() if training.ema is not None else None,
            "history": training.history,
        }
    )
