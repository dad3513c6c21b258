"""Trains any family of translators: one loop, in which only the family's record differs."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from models.arithmetic.devices import choose_device, quicken
from models.arithmetic.precision import settle
from models.configs import require
from models.features.networks import FeatureNetwork
from models.training.checkpoints import State
from models.training.loss_log import LossLog, Report, TrainingDivergedError
from models.training.processes import join_processes
from models.translation.domains import Domains
from models.translation.dropout import seeded_dropout
from models.translation.families.family import Values
from models.translation.families.registry import FAMILIES
from models.translation.families.terms import mean_features
from models.translation.graphs import choose_runner
from models.translation.images import to_floats
from models.translation.loading import LoadedDomains, load_domains
from models.translation.monitoring.watching import Monitor, Observation
from models.translation.refining import refiner_now
from models.translation.schedules import count_steps, learning_rate_at, steps_per_epoch
from models.translation.starting import Training, start_training
from models.translation.states import finished_state, restore, resumable_state, stopped_state
from models.translation.steps import draw_step, smaller
from models.translation.translator_config import TranslatorConfig


def _ignore(told: object) -> None:
    return None


@dataclass(frozen=True)
class Hooks:
    """Whom the training tells what; by default nobody.

    `save` gets a resumable state every `checkpoint_every_steps`, `report` the mean losses every `report_every_steps`,
    `observe` a look at the refiner as `monitoring` says and at the end.
    """

    save: Callable[[State], None] = _ignore
    report: Report = _ignore
    observe: Callable[[Observation], None] = _ignore


def train_refiner(
    config: TranslatorConfig, domains: Domains, *, seed: int, resume: State | None, hooks: Hooks
) -> State:
    """Train on unpaired images; returns the finished state, which `refine` takes.

    With `processes` above 1 torchrun calls it in each of them; the first one saves and reports. If a loss or weight
    stops being finite, it is the last state that was saved, whose `stopped` says why, or TrainingDivergedError where
    there is none. Raises ValueError for images or a `resume` that do not fit.
    """
    config, device = config.settled(), choose_device(config.device)
    processes = join_processes(device)
    require(
        processes.count == config.processes,
        f"processes is {config.processes}, but {processes.count} were started; "
        f"start it by torchrun --nproc-per-node {config.processes}, or set processes to {processes.count}.",
    )
    needs = FAMILIES[config.family].needs(config)
    loaded = load_domains(domains, config, needs, device)
    features = _place_features(config, device, domains) if needs.has_features else None
    training = start_training(config, features, seed=seed, shapes=domains.shapes, processes=processes)
    if features is not None and needs.means:
        training.learners.constants = _mean_features(loaded, features)
    if resume is not None:
        restore(training, resume)
    try:
        if processes.is_first:
            show = training.learners.family.show
            monitor = Monitor(config.monitoring, loaded["a"].images, loaded["b"].images, show)
            _train(training, loaded, monitor, hooks)
        else:
            _train(training, loaded, None, Hooks())
        return finished_state(training)
    except TrainingDivergedError as error:
        if training.last_good is None:
            raise
        return stopped_state(training.last_good, reason=str(error))


def _train(training: Training, domains: LoadedDomains, monitor: Monitor | None, hooks: Hooks) -> None:
    learners = training.learners
    config, family = learners.config, learners.family
    num_images = smaller(domains)
    total_steps = count_steps(config, num_images=num_images)
    log = LossLog(
        training.history,
        every_steps=config.report_every_steps,
        total_steps=total_steps,
        report=hooks.report,
    )
    run_step = choose_runner(domains["a"].images.device)
    while training.step < total_steps:
        batch = draw_step(
            domains,
            config,
            family,
            seed=training.seed,
            step=training.step,
            rank=learners.processes.rank,
        )
        epoch = training.step // steps_per_epoch(config, num_images=num_images)
        with seeded_dropout(training):
            losses = run_step(learners, batch, family.phase_at(config, epoch))
        facts = {
            "epoch": epoch,
            "learning_rate": learning_rate_at(training.step, config=config, num_images=num_images),
        }
        training.step += 1
        log.add(training.step, losses, **facts)
        if _is_observed(config, training.step, total_steps=total_steps):
            log.flush(training.step, **facts)  # a loss that is not finite ends it here, in every process
            if monitor is not None:
                observation = monitor.observe(refiner_now(learners), step=training.step)
                training.observations.append(observation.record())
                hooks.observe(observation)
        if training.step % config.checkpoint_every_steps == 0:
            log.flush(training.step, **facts)
            training.last_good = resumable_state(training)
            hooks.save(training.last_good)


def _place_features(config: TranslatorConfig, device: torch.device, domains: Domains) -> FeatureNetwork:
    channels = domains.shapes.channels
    require(
        set(channels.values()) == {3},
        f"Losses of features compare colour images, but the domains have {channels['a']} and {channels['b']} channels; "
        "set their weights to 0.",
    )
    network = FeatureNetwork(config.features).to(device)
    quicken(network, device, settle(config.precision, config.device))
    return network


def _mean_features(domains: LoadedDomains, features: FeatureNetwork) -> Values:
    images = {f"real_{letter}": domain.images for letter, domain in domains.items()}
    return mean_features(images, lambda images_bchw: features.maps(to_floats(images_bchw)))


def _is_observed(config: TranslatorConfig, step: int, *, total_steps: int) -> bool:
    every = config.monitoring.every_steps or config.checkpoint_every_steps
    return step % every == 0 or step == total_steps
