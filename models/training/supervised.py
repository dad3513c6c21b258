"""Trains any supervised network: one loop, in which only the task's record differs."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

from models.arithmetic.devices import choose_device, quicken
from models.configs import require
from models.training.checkpoints import State, load_weights, require_kind, require_resumable, snapshot
from models.training.loss_log import LossLog, Report, TrainingDivergedError, require_finite_weights
from models.training.moving_average import MovingAverage, update_share
from models.training.optimizers import ParameterGroup, build_optimizer, set_learning_rate
from models.training.processes import Processes, join_processes
from models.training.randomness import seeded_torch, stream_rng
from models.training.schedules import learning_rate_at
from models.training.supervised_config import SupervisedConfig

Batch = TypeVar("Batch")
Losses = dict[str, Tensor]


def plain_sum(losses: Losses) -> Tensor:
    """The objective of losses that weigh alike."""
    return torch.stack(list(losses.values())).sum()


@dataclass(frozen=True)
class Choice:
    """By which figure of a validation the weights that are kept are chosen."""

    figure: str
    is_higher_better: bool

    def prefers(self, value: float, other: float) -> bool:
        """Whether `value` is better than `other`."""
        return value > other if self.is_higher_better else value < other


@dataclass(frozen=True, kw_only=True)
class Task(Generic[Batch]):
    """What is trained: a network that is on its device, and plain functions of it.

    `draw` makes batch number n, on that device, and depends on nothing else: with P processes the r-th trains step s
    on number s * P + r. `losses` are scalars by name, unweighted; `objective` makes of them what training makes small.
    `validate` sees the network in evaluation mode and without gradients. Both run it in `autocast` themselves: what
    they compute of its output is better in float32. `identity`, with the whole configuration, is what a state must
    share to be resumed; `facts` are what else it tells. Both are plain values. `memory` is what `losses` write into, in
    place, and read again in later steps, as generated images for a discriminator: every process has its own.
    """

    kind: str  # of the states
    network: nn.Module
    draw: Callable[[int], Batch]
    losses: Callable[[nn.Module, Batch], Losses]
    validate: Callable[[nn.Module], dict[str, float]]
    choice: Choice
    identity: Mapping[str, Any]
    facts: Mapping[str, Any] = field(default_factory=dict)
    objective: Callable[[Losses], Tensor] = plain_sum
    groups: tuple[ParameterGroup, ...] = ()
    memory: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass
class Training(Generic[Batch]):
    """A task with all that changes while it trains."""

    task: Task[Batch]
    config: SupervisedConfig
    seed: int
    processes: Processes
    optimizer: torch.optim.Optimizer
    average: MovingAverage | None
    step: int = 0
    best: dict[str, Any] | None = None
    num_stale: int = 0  # evaluations since the best one
    history: list[dict[str, Any]] = field(default_factory=list)

    @property
    def batch_number(self) -> int:
        """Of the batch that this process draws next."""
        return self.step * self.processes.count + self.processes.rank

    @property
    def has_stalled(self) -> bool:
        """Whether it is to end early."""
        return self.config.early_stop_after is not None and self.num_stale >= self.config.early_stop_after

    @property
    def identity(self) -> dict[str, Any]:
        """What a state must have in common with the training that it goes on in."""
        return {**self.task.identity, "seed": self.seed}


def _ignore(told: object) -> None:
    return None


@dataclass(frozen=True)
class Hooks:
    """Whom the training tells what; by default nobody.

    `save` gets a resumable state every `checkpoint_every_steps`, `report` the mean losses every `report_every_steps`
    and every evaluation.
    """

    save: Callable[[State], None] = _ignore
    report: Report = _ignore


def train_network(
    task: Task[Batch], config: SupervisedConfig, *, seed: int, resume: State | None, hooks: Hooks
) -> State:
    """Train `config.steps` steps, or until `early_stop_after` evaluations were no better; the finished state.

    Its `best` holds the weights (averaged ones with `ema_decay`), step and figures of the best evaluation. With
    `processes` above 1 torchrun calls it in each of them; the first one saves and reports. Raises ValueError for a
    `resume` that does not fit, TrainingDivergedError if a loss, a weight or the choosing figure is not a number.
    """
    training = start_training(task, config, seed=seed)
    if resume is not None:
        restore(training, resume)
    hooks = hooks if training.processes.is_first else Hooks()
    log = LossLog(
        training.history, every_steps=config.report_every_steps, total_steps=config.steps, report=hooks.report
    )
    while training.step < config.steps and not training.has_stalled:
        batch = task.draw(training.batch_number)
        rate = learning_rate_at(training.step, config)
        losses = train_step(training, batch, learning_rate=rate)
        training.step += 1
        log.add(training.step, losses, learning_rate=rate)
        if training.step % config.eval_every_steps == 0 or training.step == config.steps:
            log.flush(training.step, learning_rate=rate)
            hooks.report(evaluate(training))
        if training.step % config.checkpoint_every_steps == 0:
            log.flush(training.step, learning_rate=rate)
            hooks.save(resumable_state(training))
    return finished_state(training)


def start_network(build: Callable[[], nn.Module], config: SupervisedConfig, *, seed: int) -> nn.Module:
    """What `build` makes, with random weights that follow `seed`, on the configured device and as quick as there."""
    device = choose_device(config.device)
    with seeded_torch(stream_rng(seed, "initialise", 0), device):
        network = build()
    memory = torch.channels_last if config.is_channels_last else torch.contiguous_format
    network = network.to(device=device, memory_format=memory)  # type: ignore[call-overload]
    quicken(network, device, config.arithmetic)
    return network


def start_training(task: Task[Batch], config: SupervisedConfig, *, seed: int) -> Training[Batch]:
    """Everything at step 0."""
    processes = join_processes(_device(task))
    require(
        processes.count == config.processes,
        f"processes is {config.processes}, but {processes.count} were started; "
        f"start it by torchrun --nproc-per-node {config.processes}, or set processes to {processes.count}.",
    )
    optimizer = build_optimizer(task.network, config, task.groups)
    average = MovingAverage(task.network) if config.ema_decay > 0 else None
    return Training(task, config, seed, processes, optimizer, average)


def train_step(training: Training[Batch], batch: Batch, *, learning_rate: float) -> Losses:
    """One update of weights and average; returns the unweighted losses, on the device."""
    task, optimizer = training.task, training.optimizer
    set_learning_rate(optimizer, learning_rate, task.groups)
    task.network.train()
    with seeded_torch(stream_rng(training.seed, "dropout", training.batch_number), _device(task)):
        losses = task.losses(task.network, batch)
    optimizer.zero_grad(set_to_none=True)
    task.objective(losses).backward()
    training.processes.average_gradients(task.network.parameters())
    optimizer.step()
    if training.average is not None:
        share = update_share(training.step, decay=training.config.ema_decay)
        training.average.update(torch.tensor(share, device=_device(task)))
    return training.processes.average_losses(losses)


def evaluate(training: Training[Any]) -> dict[str, Any]:
    """Validate, keep the weights if they are the best so far, and note the result: the entry of the history."""
    task, choice = training.task, training.task.choice
    network = task.network if training.average is None else training.average.network_of(task.network)
    figures = training.processes.ask_first(lambda: _validate(task, network))
    value = figures[choice.figure]
    if math.isnan(value):
        raise TrainingDivergedError(
            f"The validation's {choice.figure} is not a number after step {training.step}; the last checkpoint is "
            "still good. Lower learning_rate, or set precision to fp32."
        )
    if training.best is None or choice.prefers(value, training.best[choice.figure]):
        training.best = {"step": training.step, **figures, "network": snapshot(network.state_dict())}
    entry = {"step": training.step, "total_steps": training.config.steps}
    entry |= {f"val_{name}": figure for name, figure in figures.items()}
    training.history.append(entry)
    training.num_stale = _count_stale(training)
    return dict(entry)


def restore(training: Training[Any], state: State) -> None:
    """Go on from a resumable state. ValueError if it is none, or of another training."""
    require_kind(state, training.task.kind)
    require_resumable(state, expected=training.identity)
    load_weights(training.task.network, state["network"])
    training.optimizer.load_state_dict(state["optimizers"]["all"])
    if training.average is not None:
        training.average.load(state["average"])
    if training.task.memory:
        for name, value in state["memories"][training.processes.rank].items():
            training.task.memory[name].copy_(value)
    training.best = state["best"]
    training.step = state["step"]
    training.history.extend(state["history"])
    training.num_stale = _count_stale(training)


def resumable_state(training: Training[Any]) -> State:
    """A finished state with what training goes on from."""
    network, optimizer = training.task.network, training.optimizer
    more: dict[str, Any] = {} if training.average is None else {"average": training.average.weights}
    if training.task.memory:
        more["memories"] = training.processes.gather(snapshot(training.task.memory))
    return finished_state(training) | snapshot(
        {"network": network.state_dict(), "optimizers": {"all": optimizer.state_dict()}, **more}
    )


def finished_state(training: Training[Any]) -> State:
    """What the task's users take. TrainingDivergedError if a weight is not finite."""
    task = training.task
    require_finite_weights([task.network], step=training.step)
    return snapshot(
        {
            "kind": task.kind,
            **training.identity,
            **task.facts,
            "step": training.step,
            "best": training.best,
            "history": training.history,
        }
    )


def _validate(task: Task[Any], network: nn.Module) -> dict[str, float]:
    network.eval()
    with torch.inference_mode():
        return task.validate(network)


def _count_stale(training: Training[Any]) -> int:
    """By the history, so that a resumed training stops where the whole one does."""
    name, best = f"val_{training.task.choice.figure}", training.best
    return sum(name in entry and entry["step"] > best["step"] for entry in training.history) if best else 0


def _device(task: Task[Any]) -> torch.device:
    return next(task.network.parameters()).device
