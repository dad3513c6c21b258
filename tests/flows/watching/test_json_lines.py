"""A process that logs as a flow's does, with Prefect's own configuration of logs."""

import json
import os
import subprocess
import sys

from flows.watching.json_lines import line
from tasks.artifacts.code_version import PROJECT_ROOT

SETTINGS = {
    "PREFECT_LOGGING_HANDLERS_CONSOLE_FORMATTER": "json",
    "PREFECT_LOGGING_FORMATTERS_JSON_CLASS": "flows.watching.json_lines.JsonLines",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
}
CHILD = """
import logging
import warnings
import prefect
from flows.runs.logs import log_outcomes
from flows.watching.json_lines import LoggedRun, logged_run
from prefect.logging.configuration import setup_logging
from tasks.building.run_context import Outcome

setup_logging()
logging.getLogger("verisim.store").warning("alone: %s", "[bold]two\\nlines :warning:[/bold]")
warnings.warn("old")
with logged_run(LoggedRun("night", "night-1", "yard")):
    watch = log_outcomes("run night, site yard")
    watch(Outcome("render a 0-9", "scenes", "built", "0123456789abcdef", 12.34, 2_500_000))
    watch(Outcome("train refiner", "refiner", "failed", reasons=("the disk is full",)))
    logging.getLogger("prefect.flow_runs").info("begun", extra={"flow_run_name": "night", "flow_run_id": "a1"})
    try:
        raise RuntimeError("first\\nsecond")
    except RuntimeError:
        logging.getLogger("prefect.task_runs").exception("it died", extra={"task_run_name": "train refiner"})
"""


def test_every_line_is_one_object_with_run_site_step_and_key():
    environment = os.environ | SETTINGS | {"PYTHONPATH": str(PROJECT_ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", CHILD], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    alone, warned, built, failed, begun, died = (json.loads(text) for text in done.stderr.splitlines())
    assert alone["level"] == "WARNING" and alone["logger"] == "verisim.store" and "run" not in alone
    assert "two\nlines" in alone["message"]
    assert warned["logger"] == "py.warnings" and "UserWarning: old" in warned["message"]
    about = {"run": "night", "run_id": "night-1", "site": "yard"}
    assert (
        built.items()
        >= (about | {"step": "render a 0-9", "kind": "scenes", "key": "0123456789abcdef"}).items()
    )
    assert built["state"] == "built" and built["seconds"] == 12.3 and built["time"].endswith("+00:00")
    assert failed.items() >= (about | {"step": "train refiner", "state": "failed", "level": "ERROR"}).items()
    assert begun.items() >= (about | {"flow_run": "night", "flow_run_id": "a1"}).items()
    assert died["step"] == "train refiner" and died["traceback"].endswith("RuntimeError: first\nsecond")


def test_a_line_without_a_logger_is_an_object_too():
    content = json.loads(line("the server starts", logger="verisim.start", port=4200))
    assert (content["message"], content["port"], content["level"]) == ("the server starts", 4200, "INFO")
