import json
import os
from pathlib import Path

import pytest

from tasks.artifacts.known_versions import PLACE, KnownVersions


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "tasks" / "cropping.py"
    path.parent.mkdir()
    path.write_text("SIZE = 3\n")
    return path


def opened(source: Path) -> KnownVersions:
    """As a new process does."""
    return KnownVersions(source.parents[1], lambda: [source])


def test_what_is_added_is_found_by_the_next_process(source):
    opened(source).add("a", "111")
    opened(source).add("b", "222")
    assert [opened(source).find(name) for name in ("a", "b", "c")] == ["111", "222", None]


def test_nothing_is_known_of_files_that_changed_even_where_size_and_date_did_not(source):
    opened(source).add("a", "111")
    before = source.stat()
    source.write_text("SIZE = 4\n")
    os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert opened(source).find("a") is None


def test_what_was_worked_out_while_a_file_changed_is_not_kept(source):
    known = opened(source)
    source.write_text("SIZE = 4\n")
    known.add("a", "111")
    source.write_text("SIZE = 3\n")
    assert opened(source).find("a") is None


@pytest.mark.parametrize("damage", [lambda text: text[:20], lambda text: "", lambda text: json.dumps([text])])
def test_a_damaged_file_is_ignored_and_replaced(source, damage):
    opened(source).add("a", "111")
    path = source.parents[1] / PLACE
    path.write_text(damage(path.read_text()))
    assert opened(source).find("a") is None
    opened(source).add("a", "111")
    assert opened(source).find("a") == "111"


def test_where_nothing_can_be_written_nothing_is_kept(source):
    (source.parents[1] / PLACE).parent.write_text("a file where the folder should be")
    opened(source).add("a", "111")
    assert opened(source).find("a") is None
