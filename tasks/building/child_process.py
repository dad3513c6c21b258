"""Runs one module in a process of its own and turns its end into progress, a clear error, or nothing.

The child reads a JSON file named by its one argument, prints progress as JSON lines on stdout, and everything else on
stderr. It ends when its stdin closes, so that it never outlives a killed parent. Exit code 2 says: the user's mistake,
and the last line of stderr names it.
"""

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from blender_assets.both_sides.child_protocol import USER_ERROR
from tasks.artifacts.code_version import PROJECT_ROOT, known_versions
from tasks.building import progress
from tasks.building.child_folder import child_folder, temporary_files_in

_TAIL_LINES = 15
# The last is the denoiser's, which otherwise takes every core beside Cycles' own threads.
_THREAD_LIMITS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OIDN_NUM_THREADS")
# glibc returns large blocks to the system and a training step asks for hundreds of them anew: kept, a step on a CPU costs
# a tenth less.
KEPT_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(2**30), "MALLOC_TRIM_THRESHOLD_": str(2**32)}
_living: set[subprocess.Popen] = set()
_stopped = threading.Event()


class ChildFailed(RuntimeError):
    """A child process died; the message ends with the tail of its log."""


def run_child(
    module: str, spec: dict[str, Any], *, timeout_s: float, threads: int = 1, processes: int = 1
) -> None:
    """Run `python -m module spec.json` to its end; above one, torchrun starts so many `processes` of it.

    `timeout_s` bounds the silence between two lines of progress. Raises ValueError for the user's mistake, also where
    code was saved while the child imported it, and ChildFailed for everything else.
    """
    if _stopped.is_set():
        raise ChildFailed(f"{module} was not started: the run was stopped")
    check_code = _code_check(module)
    with child_folder() as folder:
        spec_path = folder / "spec.json"
        spec_path.write_text(json.dumps(spec), encoding="utf-8")
        log_path = folder / "log.txt"
        with log_path.open("w", encoding="utf-8") as log:
            command = [sys.executable, *_launcher(processes), "-m", module, str(spec_path)]
            child = _start(command, log=log, environment=_limits(threads) | temporary_files_in(folder))
        try:
            is_hung = _follow(child, timeout_s, on_first_line=check_code)
        finally:
            _end(child)
            _close_pipes(child)
        _raise_on_failure(module, child, log_path, silence_s=timeout_s if is_hung else None)


def end_children(*, for_good: bool) -> None:
    """Kill every child of this process; their steps fail, nothing of theirs is published.

    `for_good`: no new child starts afterwards.
    """
    if for_good:
        _stopped.set()
    for child in list(_living):
        _end(child)


def is_stopped() -> bool:
    """Whether children were ended for good."""
    return _stopped.is_set()


def stopped_within(seconds: float) -> bool:
    """Wait for so long; True at once when children are ended for good."""
    return _stopped.wait(seconds)


def _code_check(module: str) -> Callable[[], None]:
    """Raises ValueError where any code is no longer as it is now: which of both a child imported, nobody knows."""
    files = known_versions(PROJECT_ROOT)
    before = files.digest_files()

    def check() -> None:
        if files.digest_files() != before:
            raise ValueError(
                f"code changed while {module} started; what is finished is kept: run the same command again"
            )

    return check


def _launcher(processes: int) -> list[str]:
    if processes == 1:
        return []
    return ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]


def _limits(threads: int) -> dict[str, str]:
    return dict.fromkeys(_THREAD_LIMITS, str(threads))


def _start(command: list[str], *, log: IO[str], environment: dict[str, str]) -> subprocess.Popen:
    child = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        encoding="utf-8",
        errors="replace",
        cwd=PROJECT_ROOT,
        env=KEPT_MEMORY | os.environ | environment,
        start_new_session=True,
    )
    _living.add(child)
    if _stopped.is_set():  # stopped since the check above: nobody else would end this one
        _end(child)
    return child


def _follow(child: subprocess.Popen, timeout_s: float, *, on_first_line: Callable[[], None]) -> bool:
    """Pass progress on until the child closes its stdout; True when it fell silent and was killed.

    By its first line, or its end, a child has imported what it runs.
    """
    hung = threading.Event()

    def give_up() -> None:
        hung.set()
        _end(child)

    assert child.stdout is not None
    timer = _restarted(None, timeout_s, give_up)
    first = child.stdout.readline()
    on_first_line()
    for line in itertools.chain([first], child.stdout):
        timer = _restarted(timer, timeout_s, give_up)
        _pass_on(line)
    timer.cancel()
    child.wait()
    return hung.is_set()


def _restarted(timer: threading.Timer | None, timeout_s: float, give_up) -> threading.Timer:
    if timer is not None:
        timer.cancel()
    fresh = threading.Timer(timeout_s, give_up)
    fresh.daemon = True
    fresh.start()
    return fresh


def _pass_on(line: str) -> None:
    try:
        message = json.loads(line)
    except ValueError:
        return  # a library wrote to stdout; progress is all that is read from there
    if isinstance(message, dict) and "done" in message:
        progress.report(message["done"], message["total"], message.get("note", ""))


def _end(child: subprocess.Popen) -> None:
    _living.discard(child)
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _close_pipes(child: subprocess.Popen) -> None:
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()


def _raise_on_failure(
    module: str, child: subprocess.Popen, log_path: Path, *, silence_s: float | None
) -> None:
    if child.returncode == 0:
        return
    lines = [
        line for line in log_path.read_text(errors="replace", encoding="utf-8").splitlines() if line.strip()
    ]
    if child.returncode == USER_ERROR and lines:
        raise ValueError(lines[-1])
    end = "\n".join(f"    {line}" for line in lines[-_TAIL_LINES:]) or "    (its log is empty)"
    raise ChildFailed(f"{module} {_manner_of_death(child.returncode, silence_s)}; the end of its log:\n{end}")


def _manner_of_death(returncode: int, silence_s: float | None) -> str:
    if silence_s is not None:
        return f"made no progress for {silence_s:.0f} s and was ended"
    if returncode < 0:
        name = signal.Signals(-returncode).name
        hint = " (often: out of memory)" if name == "SIGKILL" else ""
        return f"was killed by {name}{hint}"
    return f"ended with exit code {returncode}"
