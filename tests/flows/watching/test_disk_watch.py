import os
import time
from pathlib import Path

import pytest

from flows.watching.disk_space import disk_space
from flows.watching.disk_watch import look_at_disks, watching_disks
from flows.watching.events import Trouble


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_disk_with_too_little_room_is_told_once_an_hour(tmp_path, monkeypatch, home):
    monkeypatch.setenv("VERISIM_LEAST_FREE_GB", "1e9")
    (trouble,) = look_at_disks((tmp_path, tmp_path / "not there"))
    assert trouble.event == "verisim.disk.low" and "GB free, less than 1e+09 GB" in trouble.message
    assert look_at_disks((home, tmp_path)) == []  # one disk, whichever folder is named
    (mark,) = (home / "verisim-told").iterdir()
    os.utime(mark, (time.time() - 3700,) * 2)
    assert len(look_at_disks((tmp_path,))) == 1


def test_a_disk_with_room_is_not_told(tmp_path, monkeypatch):
    monkeypatch.setenv("VERISIM_LEAST_FREE_GB", "0")
    assert look_at_disks((tmp_path,)) == []


def test_the_room_is_the_file_system_s(tmp_path):
    space, said = disk_space(tmp_path), os.statvfs(tmp_path)
    assert space is not None and space.total_bytes == said.f_blocks * said.f_frsize
    assert disk_space(tmp_path / "none") is None


@pytest.mark.parametrize("value", ["much", "-1", "nan", "inf"])
def test_a_limit_that_is_no_size_ends_in_a_clear_line_before_the_run(tmp_path, monkeypatch, value):
    monkeypatch.setenv("VERISIM_LEAST_FREE_GB", value)
    with (
        pytest.raises(ValueError, match="VERISIM_LEAST_FREE_GB must be a number of GB"),
        watching_disks(tmp_path),
    ):
        pass


def test_the_thing_that_an_event_is_about_is_named_in_letters_that_automations_match():
    trouble = Trouble("verisim.disk.low", ("host-1", "/data/the store"), "full")
    assert trouble.resource == "verisim.disk.host-1.data-the-store"
