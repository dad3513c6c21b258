"""A child process that is kept alive: it writes a log, says when it is ready, and is started again when it dies."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path

from flows.server.appended_log import lines_of_last_start, open_to_append, shorten

READY = "ready"  # the one word that is read from a child's stdout
_TAIL_LINES = 15
_MOST_RESTARTS, _RESTARTS_WITHIN_S = 3, 60.0


class KeptChild:
    """`python -m COMMAND` in a session of its own; its stdin closes when this process dies, however it dies."""

    def __init__(self, name: str, command: tuple[str, ...], *, log: Path) -> None:
        self.name = name
        self._command = command
        self._log = log
        self._starts: deque[float] = deque(maxlen=_MOST_RESTARTS + 1)
        self._ready = threading.Event()
        self._process = self._start()

    def is_ready(self) -> bool:
        """Whether the child has said so."""
        return self._ready.is_set()

    def returncode(self) -> int | None:
        """None while it lives."""
        return self._process.poll()

    def start_again(self) -> None:
        """After its death; RuntimeError with the end of its log when it dies again and again."""
        is_full = len(self._starts) == self._starts.maxlen
        if is_full and time.monotonic() - self._starts[0] < _RESTARTS_WITHIN_S:
            raise RuntimeError(f"{self.name} ends again and again; the end of {self._log}:\n{self.tail()}")
        self._ready.clear()
        self._process = self._start()

    def tail(self) -> str:
        """The last lines of its log."""
        lines = lines_of_last_start(self._log)
        return "\n".join(f"    {line}" for line in lines[-_TAIL_LINES:]) or "    (its log is empty)"

    def shorten_log(self) -> None:
        """Where it is too long."""
        shorten(self._log)

    def ask_to_end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()

    def wait_or_kill(self, *, grace_s: float) -> None:
        """Return when the child has ended; after `grace_s` kill it with its process group."""
        try:
            self._process.wait(timeout=grace_s)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _start(self) -> subprocess.Popen:
        with open_to_append(self._log, self.name) as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *self._command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
        self._starts.append(time.monotonic())
        threading.Thread(target=self._listen, args=(process,), daemon=True).start()
        return process

    def _listen(self, process: subprocess.Popen) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == READY:
                self._ready.set()
