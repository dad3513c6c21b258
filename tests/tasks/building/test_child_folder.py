import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tasks.artifacts.code_version import PROJECT_ROOT
from tasks.building import child_folder as child_folders
from tasks.building.child_folder import child_folder, temporary_files_in
from tasks.building.child_process import ChildFailed, run_child

HOLD = """
from tasks.building.child_folder import child_folder
with child_folder() as folder:
    print(folder, flush=True)
    input()
"""
LEAVE_A_FILE_AND_DIE = """
import os, tempfile
tempfile.mkstemp(prefix="of_a_library")
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def temporary(tmp_path, monkeypatch) -> Path:
    """The folder of temporary files, of this process and of those that it starts."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    return tmp_path / "tmp"


@pytest.fixture
def holder(temporary):
    """A process that has a folder, and the folder."""
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    process = subprocess.Popen([sys.executable, "-c", HOLD], cwd=PROJECT_ROOT, **streams)
    assert process.stdout is not None
    yield process, Path(process.stdout.readline().strip())
    process.kill()
    process.communicate()


def test_temporary_files_of_a_killed_child_are_removed(temporary, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "dying_child.py").write_text(LEAVE_A_FILE_AND_DIE)
    with pytest.raises(ChildFailed, match="was killed by SIGKILL"):
        run_child("dying_child", {}, timeout_s=20)
    assert list(temporary.iterdir()) == []


def test_temporary_files_go_where_the_environment_says(temporary, tmp_path):
    code = "import tempfile; print(tempfile.gettempdir())"
    environment = os.environ | temporary_files_in(tmp_path)
    found = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert found.stdout == f"{tmp_path}\n"


def test_the_folder_of_a_killed_process_is_removed_by_the_next_and_that_of_a_living_one_stays(
    holder, monkeypatch
):
    monkeypatch.setattr(child_folders, "_LOCKED_WITHIN_S", 0.0)
    process, folder = holder
    with child_folder():
        assert folder.is_dir()
    process.send_signal(signal.SIGKILL)
    process.wait()
    with child_folder() as own:
        assert own.is_dir() and not folder.exists()
    assert not own.exists()


def test_a_folder_that_is_not_locked_yet_is_left_alone(temporary):
    (temporary / "verisim-child-new").mkdir()
    with child_folder():
        assert (temporary / "verisim-child-new").is_dir()
