"""How a render child talks to its parent: progress on stdout, all else on stderr, gone with its stdin."""

import errno
import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

USER_ERROR = 2
ORPHANED_EXIT_CODE = 3
Report = Callable[[int, int, str], None]  # report(done, total, note)


def serve(work: Callable[[dict[str, Any], Report], None]) -> None:
    """Run `work(spec, report)` on the JSON file that the command line names.

    A ValueError, or a full disk, is the user's to mend: exit code 2, and the last line of stderr names it.
    """
    exit_when_stdin_closes()
    progress = claim_stdout()
    try:
        work(
            json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")),
            lambda *heard: _report(progress, *heard),
        )
    except ValueError as error:
        _refuse(str(error))
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        _refuse(
            f"the disk is full while writing {error.filename}: free some space, then run the same command again"
        )


def record_path(out: Path, scene: int) -> Path:
    """Where the record of a scene lies once its image and mask are there."""
    return out / "records" / f"{scene:05d}.json"


def _refuse(message: str) -> None:
    print(" ".join(message.split()), file=sys.stderr, flush=True)
    os._exit(USER_ERROR)


def claim_stdout() -> TextIO:
    """The real stdout for progress lines; whatever Blender's C code prints from now on goes to stderr."""
    sys.stdout.flush()
    progress = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)
    return progress


def _report(progress: TextIO, done: int, total: int, note: str = "") -> None:
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
