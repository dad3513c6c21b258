"""The other end of `tasks.child_process`: what a training module does when it is run as a child."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from blender_assets.child_protocol import claim_stdout, exit_when_stdin_closes, report_progress

from tasks.child_process import USER_ERROR

Progress = Callable[[int, int, str], None]


def serve(work: Callable[[dict[str, Any], Progress], None]) -> None:
    """Run `work(spec, progress)` for the JSON file named on the command line; a ValueError ends with one clear line."""
    exit_when_stdin_closes()
    out = claim_stdout()
    spec = json.loads(Path(sys.argv[1]).read_text())
    try:
        work(spec, lambda done, total, note: report_progress(out, done=done, total=total, note=note))
    except ValueError as error:
        print(error, file=sys.stderr, flush=True)
        os._exit(USER_ERROR)
