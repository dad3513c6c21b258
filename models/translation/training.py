"""Trains any family of translators: one loop, in which only the family's record differs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from models.arithmetic.devices import choose_device, quicken
from models.arithmetic.precision import settle
from models.configs import require
from models.features.networks import FeatureNetwork
from models.training.checkpoints import State
from models.training.loss_log import LossLog, Report, TrainingDivergedError
from models.training.processes import join_processes
from models.translation.config import FEATURE_TERMS, RefinerConfig
from models.translation.domains import Domains
from models.translation.families.terms import mean_features
from models.translation.graphs import choose_runner
from models.translation.images import load_domains, to_floats
from models.translation.monitoring.watching import Monitor, Observation
from models.translation.refining import refiner_now
from models.translation.schedules import count_steps, learning_rate_at, steps_per_epoch
from models.translation.starting import Training, start_training
from models.translation.states import finished_state, restore, resumable_state, stopped_state
from models.translation.steps import draw_step


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
    config: RefinerConfig, domains: Domains, *, seed: int, resume: State | None, hooks: Hooks
) -> State:
    """Train on unpaired crops; returns the finished state, which `refine` takes.

    With `processes` above 1 torchrun calls it in each of them; the first one saves and reports. If a loss or weight
    stops being finite, it is the last state that was saved, whose `stopped` says why, or TrainingDivergedError where
    there is none. Raises ValueError for crops or a `resume` that do not fit.
    """
    config, device = config.settled(), choose_device(config.device)
    processes = join_processes(device)
    require(
        processes.count == config.processes,
        f"processes is {config.processes}, but {processes.count} were started; "
        f"start it by torchrun --nproc-per-node {config.processes}, or set processes to {processes.count}.",
    )
    loaded = load_domains(domains, config, device)
    features = _place_features(config, device) if config.has_term(*FEATURE_TERMS) else None
    loaded |= _constants(config, loaded, features)
    image_hw = (domains.synthetic_nhwc.shape[1], domains.synthetic_nhwc.shape[2])
    training = start_training(config, features, seed=seed, image_hw=image_hw, processes=processes)
    if resume is not None:
        restore(training, resume)
    try:
        if processes.is_first:
            monitor = Monitor(config.monitoring, loaded["real_a"], loaded["real_b"])
            _train(training, loaded, monitor, hooks)
        else:
            _train(training, loaded, None, Hooks())
        return finished_state(training)
    except TrainingDivergedError as error:
        if training.last_good is None:
            raise
        return stopped_state(training.last_good, reason=str(error))


def _train(training: Training, domains: Mapping[str, Tensor], monitor: Monitor | None, hooks: Hooks) -> None:
    learners = training.learners
    config, family = learners.config, learners.family
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
        batch = draw_step(
            domains,
            config,
            family,
            seed=training.seed,
            step=training.step,
            rank=learners.processes.rank,
        )
        epoch = training.step // steps_per_epoch(config, num_images=num_images)
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


def _place_features(config: RefinerConfig, device: torch.device) -> FeatureNetwork:
    network = FeatureNetwork(config.features).to(device)
    quicken(network, device, settle(config.precision, config.device))
    return network


def _constants(
    config: RefinerConfig, domains: Mapping[str, Tensor], features: FeatureNetwork | None
) -> Mapping[str, Tensor]:
    if features is None or not config.has_term("mean_features"):
        return {}
    images = {name: domains[name] for name in ("real_a", "real_b")}
    return mean_features(images, lambda images_bchw: features.maps(to_floats(images_bchw)))


def _is_observed(config: RefinerConfig, step: int, *, total_steps: int) -> bool:
    every = config.monitoring.every_steps or config.checkpoint_every_steps
    return step % every == 0 or step == total_steps
