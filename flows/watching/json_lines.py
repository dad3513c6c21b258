"""Log lines as JSON: one object a line, with the run, its site and the step that it is about.

Chosen by Prefect's own settings, which servers, workers and runs inherit from their environment:
PREFECT_LOGGING_HANDLERS_CONSOLE_FORMATTER=json with PREFECT_LOGGING_FORMATTERS_JSON_CLASS naming `JsonLines`.
"""

import contextlib
import json
import logging
import os
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

CONSOLE_FORMATTER = "PREFECT_LOGGING_HANDLERS_CONSOLE_FORMATTER"
# What records of Prefect's loggers and of ours carry beside their message.
_CARRIED = ("run", "run_id", "site", "step", "kind", "key", "state", "seconds")
_OF_PREFECT = {
    "flow_run_name": "flow_run",
    "flow_run_id": "flow_run_id",
    "task_run_name": "task_run",
    "task_run_id": "task_run_id",
    "flow_name": "flow",
    "worker_name": "worker",
    "work_pool_name": "pool",
}
_NOTHING = ("", "None", "<unknown>", None)


@dataclass(frozen=True)
class LoggedRun:
    """The run that a line is about: its name, its id in the store, and its site where it has one."""

    run: str
    run_id: str
    site: str | None


_run: ContextVar[LoggedRun | None] = ContextVar("logged_run", default=None)


@contextlib.contextmanager
def logged_run(run: LoggedRun) -> Iterator[None]:
    """Lines of this context, and of the steps that are started in it, are about this run."""
    token = _run.set(run)
    try:
        yield
    finally:
        _run.reset(token)


def is_json_wanted() -> bool:
    """Whether the environment asks for JSON."""
    return os.environ.get(CONSOLE_FORMATTER, "") == "json"


def line(message: str, *, logger: str, level: str = "INFO", **fields: Any) -> str:
    """A line that no logger writes, such as the one at a process's start."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return json.dumps({"time": now, "level": level, "logger": logger, "message": message, **fields})


def say(message: str) -> None:
    """To stderr, what a process tells before or behind its logs: as JSON where logs are."""
    text = line(message, logger="verisim.process") if is_json_wanted() else message
    print(text, file=sys.stderr, flush=True)


class JsonLines(logging.Formatter):
    """Fields that are not known are left out; `time` is UTC."""

    def __init__(
        self, fmt: str | None = None, datefmt: str | None = None, style: str = "%", **rest: Any
    ) -> None:
        super().__init__()
        logging.captureWarnings(True)  # Python's own would be printed as they are

    def format(self, record: logging.LogRecord) -> str:
        content: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (run := _run.get()) is not None:
            content |= {"run": run.run, "run_id": run.run_id, "site": run.site}
        content |= {name: getattr(record, source, None) for source, name in _OF_PREFECT.items()}
        content |= {name: getattr(record, name) for name in _CARRIED if hasattr(record, name)}
        content.setdefault("run", content["flow_run"])
        content["step"] = content.get("step") or _current_step() or content.get("task_run")
        if record.exc_info:
            content["traceback"] = self.formatException(record.exc_info)
        return json.dumps(
            {name: value for name, value in content.items() if value not in _NOTHING}, default=str
        )


def _current_step() -> str | None:
    """The label of the step whose thread writes the line."""
    from prefect.context import TaskRunContext

    context = TaskRunContext.get()
    return None if context is None else context.parameters.get("label") or context.task_run.name
