"""Prefect tasks of a journey: each names its step, whose artifact is found or built once."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from prefect import Task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Cancelled, Completed, Failed
from prefect.utilities.callables import call_with_parameters

from tasks.artifacts.recipe import Ref
from tasks.building.child_process import ChildFailed, is_stopped
from tasks.building.run_context import current_run, only_finding
from tasks.building.steps import Step


class JourneyTask(Task[..., Any]):
    """A Prefect task that ends as Built or Cached; a clear error is a failed state without a traceback.

    Prefect's own cache is off: it does not decide what an artifact is.
    """

    def __init__(self, function: Callable[..., Ref], name: str) -> None:
        options = {"cache_policy": NO_CACHE, "persist_result": False}
        super().__init__(_as_state(function), name=name, task_run_name="{label}", **options)

    def find(self, parameters: dict[str, Any]) -> State[Any] | None:
        """How the step ends where its product is in the store; None where it is to be built, or fails."""
        try:
            with only_finding():
                state = call_with_parameters(self.fn, parameters)
        except Exception:  # the step meets it again when it runs, and tells it then
            return None
        return state if state.is_completed() else None


def journey_task(name: str) -> Callable[[Callable[..., Ref]], Any]:
    return lambda function: JourneyTask(function, name)


def _as_state(function: Callable[..., Ref]) -> Callable[..., Any]:
    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        context = current_run()
        if context.is_plan:
            return function(*args, **kwargs)
        try:
            ref = function(*args, **kwargs)
        except (ValueError, ChildFailed) as error:
            if is_stopped():
                return Cancelled(message="stopped with its run")
            return Failed(message=str(error), data=error)
        return Completed(name="Built" if context.was_built(ref) else "Cached", message=ref.key[:12], data=ref)

    return run


def obtain(step: Step, config: Any, label: str, **inputs: Any) -> Any:
    """The step's artifact in the current run: found, built, or in a plan said to be missing. A list is one input."""
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in inputs.items()}
    return current_run().obtain(step, config, label, values)


def folder(ref: Ref) -> Path:
    """Where the files of an artifact of the current run lie."""
    return current_run().store.folder(ref)
