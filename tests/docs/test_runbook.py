"""The runbook's commands of Prefect run against a real server; those of the project have rows in test_commands.py."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

from tasks.artifacts.code_version import PROJECT_ROOT
from tests.docs.pages import blocks
from tests.flows.command_runs import shared_api

PAGE = "docs/runbook.md"
# No cluster, bucket or database of a company is here. docker/helm's values and the dump are tried by no test.
NOT_RUN = {"helm", "psql", "aws", "pg_restore"}


def _lines() -> list[list[str]]:
    text = [line for block in blocks(PAGE, "") for line in block.splitlines() if line]
    return [shlex.split(line.removeprefix("uv run ")) for line in text]


def _run(*command: str) -> None:
    environment = os.environ | shared_api()[0]
    ended = subprocess.run(
        command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, timeout=300
    )
    assert ended.returncode == 0, (command, ended.stdout, ended.stderr)


def test_every_command_is_one_of_prefect_or_of_the_project_or_is_named_as_not_run():
    assert {words[0] for words in _lines()} <= {"prefect", "python"} | NOT_RUN


def test_prefect_s_commands_do_what_the_page_says_on_a_server_with_the_deployments():
    _run(sys.executable, "-m", "flows", "deploy")
    commands = [words for words in _lines() if words[0] == "prefect"]
    assert len(commands) >= 7
    for words in commands:
        _run(str(Path(sys.executable).with_name("prefect")), *words[1:])
