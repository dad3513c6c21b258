"""The record of a flow's run: begun by the command line or by the flow itself, ended with the flow."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from prefect.exceptions import UnfinishedRun
from prefect.states import Completed

from flows.configuration.run import ComputeConfig
from flows.engine.step_runner import engine
from flows.runs.logs import describe_run, log_outcomes, site_of
from flows.runs.progress_artifacts import ProgressBoard
from flows.runs.time_limit import time_limit
from flows.trainings.gpu_pool import senders
from flows.trainings.orders import Terms
from flows.watching.disk_watch import watching_disks
from flows.watching.events import tell
from flows.watching.json_lines import LoggedRun, logged_run
from flows.watching.training_symptoms import listened
from tasks.artifacts.budget import warn_near_budget
from tasks.artifacts.collection import remove_abandoned_builds
from tasks.artifacts.opening import StorePlace
from tasks.building.child_process import end_children, is_stopped
from tasks.building.run_context import Outcome, Run, find_run, going_on
from tasks.training.trainable import Trainable


class StepFailed(RuntimeError):
    """A step of the run failed, so that others could not begin; the message is the first one's."""


def completed(run: Run, page: Path) -> Any:
    """The end of a flow whose result is a page: its state says what was made, so that nobody has to count steps."""
    return Completed(message=run.made(), data=str(page))


@contextlib.contextmanager
def recorded_run(
    name: str,
    store: StorePlace,
    compute: ComputeConfig,
    config: dict[str, Any],
    trainables: Sequence[Trainable[Any]] = (),
) -> Iterator[Run]:
    """The run that the command line prepared, or a new one where a Prefect worker calls the flow; ends its record.

    `config` is what the record says about the run, `trainables` are what the pool gpu may train for it. Its children end
    with it, also when it is told to stop or has no time left (OutOfTime).
    """
    prepared = find_run()
    with contextlib.nullcontext(prepared) if prepared else _watched_run(name, store, compute, config) as run:
        warn_near_budget(run.store)
        remove_abandoned_builds(run.store)
        terms = Terms(
            StorePlace(run.store.place, store.cache),
            wanted_by=describe_run(name, config),
            timeout_h=compute.timeout_h,
        )
        run.send = senders(trainables, compute, terms)
        with going_on(run), _ending(run, config), engine(compute.engine), time_limit(compute.timeout_h):
            yield run


@contextlib.contextmanager
def _watched_run(
    name: str, store: StorePlace, compute: ComputeConfig, config: dict[str, Any]
) -> Iterator[Run]:
    """A run whose progress and outcomes are told to Prefect."""
    board, log_outcome = ProgressBoard(), log_outcomes(describe_run(name, config))

    def watch(outcome: Outcome) -> None:
        log_outcome(outcome)
        board.end_step(outcome)

    run = Run(
        store.open_to_build(),
        name,
        num_workers=num_workers(compute),
        watch=watch,
        listener_for=lambda label: listened(name, label, board.listener_for(label), tell),
    )
    about = LoggedRun(name, run.id, site_of(config))
    with board.telling(), watching_disks(run.store.root), logged_run(about):
        yield run


@contextlib.contextmanager
def _ending(run: Run, config: dict[str, Any]) -> Iterator[None]:
    """Record how the run ends; a step that failed is named."""
    status = "interrupted"
    try:
        yield
        status = "completed"
    except Exception as error:
        status = "interrupted" if is_stopped() else "failed"
        first = next((outcome for outcome in run.outcomes if outcome.state == "failed"), None)
        if first is None or not isinstance(error, UnfinishedRun):
            raise
        raise StepFailed(f"{first.label}: {first.reasons[0]}") from error
    except BaseException:  # Ctrl-C, or Prefect's way to say SIGTERM: cancelled, or its worker is to end
        end_children(for_good=True)
        raise
    finally:
        run.finish(status, config)


def num_workers(compute: ComputeConfig) -> int:
    """Steps built at the same time: as configured, or one for every core that this process may use."""
    return compute.num_workers or len(os.sched_getaffinity(0))
