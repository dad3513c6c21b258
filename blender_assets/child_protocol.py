"""How a render child talks to its parent: progress on stdout, all else on stderr, gone with its stdin."""

import json
import os
import sys
import threading
from typing import TextIO

ORPHANED_EXIT_CODE = 3


def claim_stdout() -> TextIO:
    """The real stdout for progress lines; whatever Blender's C code prints from now on goes to stderr."""
    sys.stdout.flush()
    progress = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    return progress


def report_progress(progress: TextIO, *, done: int, total: int, note: str = "") -> None:
    progress.write(json.dumps({"done": done, "total": total, "note": note}) + "\n")
    progress.flush()


def exit_when_stdin_closes() -> None:
    """A parent that dies, however it dies, closes the pipe; a child must not render on for nobody."""
    threading.Thread(target=_wait_for_end_of_stdin, daemon=True, name="parent-watch").start()


def _wait_for_end_of_stdin() -> None:
    while os.read(0, 4096):
        pass
    os.write(2, b"stopped: the parent closed this child's stdin, or is gone\n")
    os._exit(ORPHANED_EXIT_CODE)
