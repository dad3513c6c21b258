"""What a person sees in the terminal: live progress with an ETA, plain lines where there is no terminal."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from tasks.building.progress import Listener
from tasks.building.run_context import Outcome
from tasks.training.in_a_child import describe_seconds

_WATCHED_S, _WORTH_TELLING_S = 3.0, 120.0


class RunConsole:
    """Progress bars of the steps that are being built, and one line for each that ended."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._console = Console(stderr=True, highlight=False)
        self._guard = threading.Lock()
        self._bars: dict[str, TaskID] = {}
        self._forecasts: dict[str, _Forecast] = {}
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )

    def __enter__(self) -> "RunConsole":
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def listener_for(self, label: str) -> Listener:
        """The progress listener of one step."""
        return lambda done, total, note: self._advance(label, done, total, note)

    def show(self, outcome: Outcome) -> None:
        """One line for what was built or failed; what was reused is only counted."""
        with self._guard:
            bar = self._bars.pop(outcome.label, None)
            if bar is not None:
                self._progress.remove_task(bar)
        if outcome.state == "built":
            size = f"{outcome.num_bytes / 1e6:8.2f} MB"
            line = f"  built   {outcome.label:<44} {outcome.seconds:7.1f} s {size}  {outcome.key[:12]}"
            self._console.print(line, soft_wrap=True)
        elif outcome.state == "failed":
            reason = " ".join("; ".join(outcome.reasons).split())
            line = f"  failed  {outcome.label}: {reason}"
            self._console.print(line, style="red", soft_wrap=True, markup=False)

    def _advance(self, label: str, done: int, total: int, note: str) -> None:
        if not self._console.is_terminal:
            return self._foretell(label, done, total)
        with self._guard:
            if label not in self._bars:
                self._bars[label] = self._progress.add_task(label, total=total, note="")
            self._progress.update(self._bars[label], completed=done, total=total, note=note)

    def _foretell(self, label: str, done: int, total: int) -> None:
        """Where no bar can be seen: one line for a step that will go on for a minute or more."""
        with self._guard:
            now = self._clock()
            forecast = self._forecasts.setdefault(label, _Forecast(done, now))
            seconds = forecast.seconds_left(done, total, now)
            if seconds is None or forecast.is_told:
                return
            forecast.is_told = True
            if seconds >= _WORTH_TELLING_S:
                left = describe_seconds(seconds)
                self._console.print(
                    f"  ..      {label:<44} {done} of {total}, about {left} left", soft_wrap=True
                )


@dataclass
class _Forecast:
    """What a step that reports its progress first said, and when."""

    first_done: int
    since: float
    is_told: bool = False

    def seconds_left(self, done: int, total: int, now: float) -> float | None:
        """By its speed since; None before that can be told."""
        if done <= self.first_done or now - self.since < _WATCHED_S:
            return None
        return (now - self.since) / (done - self.first_done) * (total - done)
