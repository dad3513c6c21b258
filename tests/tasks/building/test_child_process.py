import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from tasks.artifacts.code_version import PROJECT_ROOT, known_versions
from tasks.artifacts.known_versions import KnownVersions
from tasks.building import child_process, progress
from tasks.building.child_process import ChildFailed, run_child


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Writes a module that children can run, and returns its name."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def write(body: str) -> str:
        text = "import json, os, sys, time\nspec = json.load(open(sys.argv[1]))\n" + textwrap.dedent(body)
        (tmp_path / "child_under_test.py").write_text(text)
        return "child_under_test"

    return write


def test_a_child_gets_its_spec_and_its_progress_is_heard(module, tmp_path):
    heard = []
    progress.listen(lambda done, total, note: heard.append((done, total, note)))
    name = module("""
        print("noise of a library")
        print(json.dumps({"done": 1, "total": 2, "note": "half"}), flush=True)
        open(spec["out"], "w").write("made")
    """)
    run_child(name, {"out": str(tmp_path / "a")}, timeout_s=20)
    progress.listen(lambda done, total, note: None)
    assert heard == [(1, 2, "half")] and (tmp_path / "a").read_text() == "made"


def test_code_that_is_saved_while_a_child_imports_it_ends_the_step(module, tmp_path, monkeypatch):
    known_versions(PROJECT_ROOT)
    digests = iter(["before", "after"])
    monkeypatch.setattr(KnownVersions, "digest_files", lambda known: next(digests))
    name = module("""
        print(json.dumps({"done": 1, "total": 2}), flush=True)
        time.sleep(1)
        open(spec["out"], "w").write("made of which code?")
    """)
    with pytest.raises(
        ValueError, match=r"^code changed while child_under_test started; .* run the same command"
    ):
        run_child(name, {"out": str(tmp_path / "a")}, timeout_s=20)
    assert not (tmp_path / "a").exists()


def test_exit_code_2_is_the_users_mistake_in_the_last_line(module):
    name = module(
        'print("warning", file=sys.stderr); print("size must be even", file=sys.stderr); sys.exit(2)'
    )
    with pytest.raises(ValueError, match=r"^size must be even$"):
        run_child(name, {}, timeout_s=20)


def test_a_crash_shows_the_tail_of_the_log(module):
    name = module("""
        for line in range(100): print("line", line, file=sys.stderr)
        os.kill(os.getpid(), 11)
    """)
    with pytest.raises(ChildFailed, match=r"was killed by SIGSEGV; the end of its log:\n") as error:
        run_child(name, {}, timeout_s=20)
    assert "line 99" in str(error.value) and "line 80" not in str(error.value)


def test_a_silent_child_is_ended(module):
    started = time.monotonic()
    with pytest.raises(ChildFailed, match="made no progress for 1 s and was ended"):
        run_child(module("time.sleep(60)"), {}, timeout_s=1)
    assert time.monotonic() - started < 10


def test_a_slow_child_that_makes_progress_is_not_ended(module):
    name = module("""
        for done in range(4):
            time.sleep(0.5)
            print(json.dumps({"done": done, "total": 4}), flush=True)
    """)
    run_child(name, {}, timeout_s=1.8)


def test_ended_children_fail_their_steps_and_no_new_one_starts(module, monkeypatch):
    monkeypatch.setattr(child_process, "_stopped", type(child_process._stopped)())
    child_process.end_children(for_good=True)
    with pytest.raises(ChildFailed, match="the run was stopped"):
        run_child(module("pass"), {}, timeout_s=20)


def test_a_child_does_not_outlive_a_killed_parent(tmp_path):
    script = f"""
        import sys
        sys.path.insert(0, {str(PROJECT_ROOT)!r})
        from tasks.building.child_process import run_child
        run_child("tests_orphan", {{"pid": {str(tmp_path / "pid")!r}}}, timeout_s=60)
    """
    (tmp_path / "tests_orphan.py").write_text(
        textwrap.dedent("""
            import json, os, sys, time
            from pathlib import Path
            from blender_assets.both_sides.child_protocol import exit_when_stdin_closes
            exit_when_stdin_closes()
            Path(json.load(open(sys.argv[1]))["pid"]).write_text(str(os.getpid()))
            time.sleep(60)
        """)
    )
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    parent = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], env=environment)
    deadline = time.monotonic() + 20
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    child = int((tmp_path / "pid").read_text())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    while _is_alive(child):
        assert time.monotonic() < deadline, "the child outlived its parent"
        time.sleep(0.05)


def _is_alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
            return file.read().split()[2] != "Z"
    except FileNotFoundError:
        return False


def test_a_child_keeps_its_memory_unless_the_environment_says_otherwise(module, tmp_path, monkeypatch):
    name = module('open(spec["out"], "w").write(os.environ["MALLOC_TRIM_THRESHOLD_"])')
    run_child(name, {"out": str(tmp_path / "ours")}, timeout_s=20)
    assert (tmp_path / "ours").read_text() == str(4 * 2**30)
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "4096")
    run_child(name, {"out": str(tmp_path / "theirs")}, timeout_s=20)
    assert (tmp_path / "theirs").read_text() == "4096"
