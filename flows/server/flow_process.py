"""The process of one flow run, as workers start it: Prefect's engine, in the folder that places are relative to.

It ends with its worker, however that dies; Prefect alone would leave it working for nobody. It does not begin a run that
was given to another process because this one was so slow.
"""

import contextlib
import importlib
import os
import runpy
import signal
import threading
import time
import warnings

from blender_assets.both_sides.child_protocol import ORPHANED_EXIT_CODE
from flows.engine.importing import without_collections
from flows.server.abandoned_runs import register
from flows.server.api import ServerApi
from flows.server.quiet_logs import drop_repetitions
from tasks.artifacts.code_version import PROJECT_ROOT

WORKING_FOLDER = "VERISIM_FOLDER"  # set by the worker: where it was started
# A worker that ends in good order sends SIGTERM and closes stdin at once: one signal is enough.
_OWN_END_S = 2.0
_GRACE_S = 15.0  # for children to end and for the state to be reported


def main() -> None:
    """Run the flow run that the environment names."""
    os.chdir(os.environ.get(WORKING_FOLDER, PROJECT_ROOT))
    flow_run_id = os.environ["PREFECT__FLOW_RUN_ID"]
    register(flow_run_id)
    drop_repetitions()
    threading.Thread(target=_end_with_worker, daemon=True, name="worker-watch").start()
    with without_collections():  # takes the time; then nothing lies between the look and the start
        importlib.import_module("prefect.flow_engine")
    warnings.filterwarnings("ignore", category=RuntimeWarning, module="runpy")  # that it is imported already
    if _is_still_ours(flow_run_id):
        runpy.run_module("prefect.engine", run_name="__main__", alter_sys=True)


def _is_still_ours(flow_run_id: str) -> bool:
    """Pending, as the worker left it: not scheduled again, and not begun by another process."""
    with contextlib.suppress(ValueError):  # no answer: Prefect, which asks for longer, is to say so
        return ServerApi().get(f"flow_runs/{flow_run_id}")["state_type"] == "PENDING"
    return True


def _end_with_worker() -> None:
    while os.read(0, 4096):
        pass
    time.sleep(_OWN_END_S)
    _silence()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_S)
    os._exit(ORPHANED_EXIT_CODE)


def _silence() -> None:
    """Nobody reads this process's output any more: the next line of its log would end it before its state is told."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)


if __name__ == "__main__":
    main()
