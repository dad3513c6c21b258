"""Every command of Prefect's that docs/runbook.md shows, run as it stands there on a real server."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.docs.pages import shell_lines
from tests.flows.serving import Served

# One process for all: each alone would import Prefect anew.
_RUN_ALL = """
import json, sys
from prefect.cli import app
for arguments in json.load(sys.stdin):
    code = 0
    try:
        sys.argv = ["prefect", *arguments]
        app()
    except SystemExit as ended:
        code = ended.code or 0
    print("ENDED", json.dumps([code, arguments]), flush=True)
"""


def prefect_commands(page: str) -> list[list[str]]:
    parts = [part for line in shell_lines(page) for part in line.partition("#")[0].split("&&")]
    typed = [shlex.split(part) for part in parts if part.strip().startswith("uv run prefect ")]
    return [words[3:] for number, words in enumerate(typed) if words not in typed[:number]]


def test_every_command_of_prefect_in_the_runbook_is_taken_by_a_real_server(
    served: Served, tmp_path: Path
) -> None:
    commands = prefect_commands("docs/runbook.md")
    assert len(commands) >= 10 and ["work-pool", "pause", "gpu"] in commands
    environment = served.environment | {"PREFECT_HOME": str(tmp_path), "COLUMNS": "200"}
    order = json.dumps([*commands, ["work-pool", "resume", "render"], ["work-pool", "resume", "gpu"]])
    done = subprocess.run(
        [sys.executable, "-c", _RUN_ALL], input=order, env=environment, capture_output=True, text=True
    )
    ended = [json.loads(line) for line in re.findall(r"^ENDED (.*)$", done.stdout, re.MULTILINE)]
    assert len(ended) == len(commands) + 2, done.stdout + done.stderr
    assert [arguments for code, arguments in ended if code] == [], done.stdout + done.stderr
    deployment = served.call("deployments/name/augment/photos-to-report")
    (schedule,) = served.call(f"deployments/{deployment['id']}/schedules")
    assert schedule["schedule"]["cron"] == "0 2 * * *"
    served.call(f"deployments/{deployment['id']}/schedules/{schedule['id']}", method="DELETE")
    assert not any(served.call(f"work_pools/{pool}")["is_paused"] for pool in ("render", "gpu"))
