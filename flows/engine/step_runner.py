"""Runs the steps of a flow in threads that only wait or find; how much is built at once is the run's own limit."""

import threading
from collections.abc import Iterable
from contextvars import copy_context
from typing import Any

from prefect import Task
from prefect._internal.result_records import ResultRecord
from prefect._internal.uuid7 import uuid7
from prefect.client.schemas.objects import RunInput, State
from prefect.futures import PrefectConcurrentFuture, PrefectFuture
from prefect.states import Pending
from prefect.task_engine import run_task_sync
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.engine.found_steps import find_step
from tasks.artifacts.recipe import Ref
from tasks.journeys.people import JourneyTask

_WAITING_THREADS = 48


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


class StepRunner(ThreadPoolTaskRunner):  # type: ignore[type-arg]
    """Prefect's threads, with futures of our own."""

    def submit(
        self,
        task: Task[Any, Any],
        parameters: dict[str, Any],
        wait_for: Iterable[PrefectFuture[Any]] | None = None,
        dependencies: dict[str, set[RunInput]] | None = None,
    ) -> StepFuture:
        """Start a step as soon as a thread is free; the thread then waits for the step's inputs."""
        assert self._executor is not None, "a step was started outside of a flow"
        task_run_id, cancelled = uuid7(), threading.Event()
        self._cancel_events[task_run_id] = cancelled

        def run() -> Any:
            if isinstance(task, JourneyTask) and (found := find_step(task, task_run_id, parameters)):
                return found
            return run_task_sync(
                task,
                task_run_id,
                parameters=parameters,
                wait_for=wait_for,
                return_type="state",
                dependencies=dependencies,
                context={"cancel_event": cancelled},
            )

        return StepFuture(task_run_id, self._executor.submit(copy_context().run, run))


STEP_RUNNER: TaskRunner[PrefectFuture[Any]] = StepRunner(_WAITING_THREADS)  # type: ignore[assignment]
