"""Trains any family of translators: one loop, in which only the family's record differs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from models.checkpoints import State, load_weights, require_kind, require_resumable, snapshot
from models.configs import to_plain
from models.devices import choose_device
from models.features import FeatureNetwork
from models.loss_log import LossLog, Report, TrainingDivergedError, require_finite_weights
from models.randomness import seeded_torch, stream_rng
from models.translation.config import FEATURE_TERMS, RefinerConfig
from models.translation.domains import Domains
from models.translation.families import FAMILIES
from models.translation.graphs import choose_runner
from models.translation.image_pool import ImagePool
from models.translation.images import load_domains, to_floats
from models.translation.moving_average import MovingAverage
from models.translation.schedules import count_steps, learning_rate_at, steps_per_epoch
from models.translation.steps import draw_step
from models.translation.terms import mean_features
from models.translation.updating import Learners


@dataclass(frozen=True)
class Hooks:
    """Whom the training tells what.

    `save` gets a resumable state every `checkpoint_every_steps`, `report` the mean losses every `report_every_steps`.
    """

    save: Callable[[State], None]
    report: Report


@dataclass
class Training:
    """Learners with where they stand; `identity` is what a state has in common with the run that resumes it."""

    learners: Learners
    identity: dict[str, Any]
    extractor: str | None
    step: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)
    last_good: State | None = None


def train_refiner(
    config: RefinerConfig, domains: Domains, *, seed: int, resume: State | None, hooks: Hooks
) -> State:
    """Train on unpaired crops; returns the finished state, which `refine` takes.

    If a loss or weight stops being finite, it is the last state that was saved, whose `stopped` says why, or
    TrainingDivergedError where there is none. Raises ValueError for crops or a `resume` that do not fit.
    """
    device = choose_device(config.device)
    loaded = load_domains(domains, config, device)
    features = FeatureNetwork(config.features).to(device) if config.has_term(*FEATURE_TERMS) else None
    loaded |= _constants(config, loaded, features)
    training = start_training(
        config, features, seed=seed, image_hw=domains.synthetic_nhwc.shape[1:3], device=device
    )
    if resume is not None:
        _restore(training, resume)
    try:
        _train(training, loaded, seed=seed, hooks=hooks)
        return _finished_state(training)
    except TrainingDivergedError as error:
        if training.last_good is None:
            raise
        return _stopped(training.last_good, reason=str(error))


def _train(training: Training, domains: Mapping[str, Tensor], *, seed: int, hooks: Hooks) -> None:
    config, family = training.learners.config, training.learners.family
    num_images = min(len(domains["real_a"]), len(domains["real_b"]))
    total_steps = count_steps(config, num_images=num_images)
    log = LossLog(
        training.history,
        every_steps=config.report_every_steps,
        total_steps=total_steps,
        report=hooks.report,
    )
    run_step = choose_runner(domains["real_a"].device)
    while training.step < total_steps:
        batch = draw_step(domains, config, family, seed=seed, step=training.step)
        epoch = training.step // steps_per_epoch(config, num_images=num_images)
        losses = run_step(training.learners, batch, family.phase_at(config, epoch))
        facts = {
            "epoch": epoch,
            "learning_rate": learning_rate_at(training.step, config=config, num_images=num_images),
        }
        training.step += 1
        log.add(training.step, losses, **facts)
        if training.step % config.checkpoint_every_steps == 0:
            log.flush(training.step, **facts)
            training.last_good = _resumable_state(training)
            hooks.save(training.last_good)


def start_training(
    config: RefinerConfig,
    features: FeatureNetwork | None,
    *,
    seed: int,
    image_hw: tuple[int, ...],
    device: torch.device,
) -> Training:
    """Everything that trains, at step 0: a pure function of configuration and seed."""
    family = FAMILIES[config.family]
    with seeded_torch(stream_rng(seed, "initialise", 0), device):
        networks = family.build_networks(config)
    networks = networks.to(device)
    generators = family.generators(networks)
    discriminators = nn.ModuleList(networks[adversary.discriminator] for adversary in family.adversaries)
    learners = Learners(
        config=config,
        family=family,
        networks=networks,
        optimizers={
            "generators": _adam(generators, config),
            "discriminators": _adam(discriminators, config),
        },
        pools={adversary.fake: ImagePool(config.pool_images) for adversary in family.adversaries},
        average=MovingAverage(generators) if config.ema_decay > 0 else None,
        features=features.maps if features is not None else None,
    )
    identity = {"config": to_plain(config), "seed": seed, "image_hw": list(image_hw)}
    return Training(learners, identity, features.name if features is not None else None)


def _adam(networks: nn.Module, config: RefinerConfig) -> torch.optim.Optimizer:
    """Its learning rate is a tensor, which a recorded step reads anew each time."""
    device = next(networks.parameters()).device
    return torch.optim.Adam(
        networks.parameters(),
        lr=torch.tensor(config.learning_rate, device=device),
        betas=(config.adam_beta1, config.adam_beta2),
        fused=True,
        capturable=device.type == "cuda",
    )


def _constants(
    config: RefinerConfig, domains: Mapping[str, Tensor], features: FeatureNetwork | None
) -> Mapping[str, Tensor]:
    if features is None or not config.has_term("mean_features"):
        return {}
    images = {name: domains[name] for name in ("real_a", "real_b")}
    return mean_features(images, lambda images_bchw: features.maps(to_floats(images_bchw)))


def _restore(training: Training, state: State) -> None:
    learners = training.learners
    require_kind(state, "refiner")
    require_resumable(state, expected=training.identity)
    load_weights(learners.networks, state["networks"])
    device = next(learners.networks.parameters()).device
    for name, optimizer in learners.optimizers.items():
        optimizer.load_state_dict(state["optimizers"][name])
        for group in optimizer.param_groups:
            group["lr"] = group["lr"].to(device)
    for name, images in state["pools"].items():
        learners.pools[name].images = images.to(device) if images is not None else None
    if learners.average is not None:
        learners.average.load(state["average"])
    training.step = state["step"]
    training.history.extend(state["history"])
    training.last_good = state


def _resumable_state(training: Training) -> State:
    learners = training.learners
    optimizers = {name: optimizer.state_dict() for name, optimizer in learners.optimizers.items()}
    pools = {name: pool.images for name, pool in learners.pools.items()}
    return _finished_state(training) | snapshot({"optimizers": optimizers, "pools": pools})


def _finished_state(training: Training) -> State:
    learners = training.learners
    require_finite_weights(learners.networks.values(), step=training.step)
    return snapshot(
        {
            "kind": "refiner",
            **training.identity,
            "extractor": training.extractor,
            "step": training.step,
            "stopped": None,
            "networks": learners.networks.state_dict(),
            "average": learners.average.weights if learners.average is not None else None,
            "history": training.history,
        }
    )


def _stopped(state: State, *, reason: str) -> State:
    """A resumable state as a finished one."""
    finished = {name: value for name, value in state.items() if name not in ("optimizers", "pools")}
    return finished | {"stopped": f"Stopped early, with the weights of step {state['step']}. {reason}"}
