"""`python -m flows pages` as a process of its own."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator

import pytest

from flows.commands.command_line import main
from tasks.artifacts.code_version import PROJECT_ROOT
from tasks.artifacts.store import Store


@pytest.fixture
def store(tmp_path) -> Store:
    store = Store(tmp_path / "store")
    content = {
        "run": "demo",
        "status": "completed",
        "started": 1.0,
        "ended": 2.0,
        "config": {},
        "artifacts": [],
    }
    store.write_record("demo-1", json.dumps(content))
    return store


@pytest.fixture
def served(store, tmp_path) -> Iterator[tuple[subprocess.Popen, str]]:
    """(the process, the address that it printed); its password lies in a file."""
    path = tmp_path / "auth"
    path.write_text("ada:secret\n")
    place = ("--store", str(store.root), "--host", "0.0.0.0", "--port", "0", "--auth-file", str(path))
    environment = os.environ | {
        "PREFECT_API_URL": "http://127.0.0.1:9/api",
        "PREFECT_HOME": str(tmp_path / "home"),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "flows", "pages", *place],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    said = process.stdout.readline()
    assert said.startswith("ready: http://0.0.0.0:") and said.endswith(
        "for who has the password; Ctrl-C ends it\n"
    )
    yield process, f"http://127.0.0.1:{said.split(':')[3].split()[0]}"
    process.kill()
    process.wait()


def read(address: str, *, user: str | None = None) -> str:
    request = urllib.request.Request(address)
    if user is not None:
        request.add_header("Authorization", f"Basic {b64encode(user.encode()).decode()}")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read().decode()


def test_it_shows_runs_and_figures_to_who_has_the_password_and_ends_when_it_is_told_to(served):
    process, address = served
    with pytest.raises(urllib.error.HTTPError, match="401"):
        read(address)
    assert "demo" in read(address, user="ada:secret")
    figures = read(f"{address}/metrics", user="ada:secret").splitlines()
    assert 'verisim_runs{status="completed"} 1.0' in figures and "verisim_server_up 0.0" in figures
    assert any(line.startswith("verisim_disk_free_bytes{") for line in figures)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) in (0, -signal.SIGTERM)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--host", "0.0.0.0"], "no password is set; write user:password into a file for --auth-file"),
        (["--port", "70000"], "--port must be from 0 (any free one) to 65535, but was 70000"),
        (["--host", "192.0.2.1", "--auth-file", "AUTH"], "cannot listen on 192.0.2.1:4280: Cannot assign"),
        (["--auth-file", "EMPTY"], "must hold user:password, but has no such text"),
        (["--auth-file", "/none/auth"], "/none/auth: No such file"),
    ],
)
def test_what_must_not_be_served_ends_in_one_line(store, tmp_path, capsys, monkeypatch, options, reason):
    monkeypatch.delenv("VERISIM_PAGES_AUTH", raising=False)
    (tmp_path / "AUTH").write_text("ada:secret")
    (tmp_path / "EMPTY").write_text("")
    places = [str(tmp_path / word) if word in ("AUTH", "EMPTY") else word for word in options]
    assert main(["pages", "--store", str(store.root), *places]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert reason in line


def test_a_store_that_is_not_there_is_not_made(tmp_path, capsys):
    assert main(["pages", "--store", str(tmp_path / "none")]) == 2
    assert "there is no store at" in capsys.readouterr().err and not (tmp_path / "none").exists()
