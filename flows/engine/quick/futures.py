"""Steps whose ends are known in this process: no question about them goes to the server."""

import threading
from contextvars import copy_context
from typing import Any

from prefect import Task
from prefect._internal.result_records import ResultRecord
from prefect._internal.uuid7 import uuid7
from prefect.client.schemas.objects import State
from prefect.futures import PrefectConcurrentFuture
from prefect.states import Pending
from prefect.task_engine import run_task_sync
from prefect.task_runners import ThreadPoolTaskRunner

from flows.engine.quick.found_steps import find_step
from tasks.artifacts.recipe import Ref
from tasks.journeys.step_task import JourneyTask


class FinalState(State[Any]):
    """How a step of this process ended. Its result is at hand; Prefect's own states ask an event loop for theirs."""

    def result(self, *args: Any, **kwargs: Any) -> Any:
        """What the step returned; a failed one raises its error, or as asked returns it."""
        if self.is_completed() and isinstance(self.data, ResultRecord | Ref):
            return self.data if isinstance(self.data, Ref) else self.data.result
        return super().result(*args, **kwargs)


class StepFuture(PrefectConcurrentFuture[Any]):
    """A step that was submitted. What is asked of it is known in this process: no question goes to the server."""

    def wait(self, timeout: float | None = None) -> None:
        """Return when the step has ended, or after `timeout` seconds."""
        super().wait(timeout)
        if self._final_state is not None and not isinstance(self._final_state, FinalState):
            self._final_state = FinalState.model_construct(**dict(self._final_state))

    @property
    def state(self) -> State[Any]:
        """Its final state, once there is one; until then it is pending.

        Prefect's own futures ask the server about every unfinished input of every step, which made a run
        whose steps are all found spend most of its time waiting for answers.
        """
        if self._final_state is None and self._wrapped_future.done():
            self.wait()
        return self._final_state or Pending()

    def result(self, timeout: float | None = None, raise_on_failure: bool = True) -> Any:
        """What the step returned; TimeoutError when it takes longer than `timeout` seconds."""
        self.wait(timeout)
        return super().result(timeout, raise_on_failure)


def submit(
    runner: ThreadPoolTaskRunner[Any], task: Task[Any, Any], parameters: dict[str, Any], **options: Any
) -> StepFuture:
    """Start a step as soon as a thread of the runner is free; the thread then finds the step, or waits for its inputs.

    `options` are those of the runner's own `submit`.
    """
    assert runner._executor is not None, "a step was started outside of a flow"
    task_run_id, cancelled = uuid7(), threading.Event()
    runner._cancel_events[task_run_id] = cancelled

    def run() -> Any:
        if isinstance(task, JourneyTask) and (found := find_step(task, task_run_id, parameters)):
            return found
        return run_task_sync(
            task,
            task_run_id,
            parameters=parameters,
            return_type="state",
            context={"cancel_event": cancelled},
            **options,
        )

    return StepFuture(task_run_id, runner._executor.submit(copy_context().run, run))
