"""Runs the steps of a flow in threads that only wait or find; how much is built at once is the run's own limit."""

import contextlib
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from typing import Any, Literal

from prefect import Task
from prefect.client.schemas.objects import RunInput
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

_WAITING_THREADS = 48
EngineName = Literal["quick", "plain"]
_engine: ContextVar[EngineName] = ContextVar("engine", default="quick")


@contextlib.contextmanager
def engine(name: EngineName) -> Iterator[None]:
    """Meanwhile steps are started so: `plain` is Prefect alone, `quick` also reaches into its internals."""
    token = _engine.set(name)
    try:
        yield
    finally:
        _engine.reset(token)


class StepRunner(ThreadPoolTaskRunner):  # type: ignore[type-arg]
    """Prefect's threads, with steps that are found quickly."""

    def submit(
        self,
        task: Task[Any, Any],
        parameters: dict[str, Any],
        wait_for: Iterable[PrefectFuture[Any]] | None = None,
        dependencies: dict[str, set[RunInput]] | None = None,
    ) -> Any:
        """Start a step as soon as a thread is free; its future."""
        if _engine.get() == "plain":
            return super().submit(task, parameters, wait_for, dependencies)
        from flows.engine.quick.futures import (
            submit,  # where another Prefect has no such internals, plain still runs
        )

        return submit(self, task, parameters, wait_for=wait_for, dependencies=dependencies)


STEP_RUNNER: TaskRunner[PrefectFuture[Any]] = StepRunner(_WAITING_THREADS)  # type: ignore[assignment]
