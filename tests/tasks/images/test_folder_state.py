import os
import time
from dataclasses import replace

import pytest

from tasks.artifacts.store import Store
from tasks.building.run_context import Run
from tasks.images.folder_state import (
    NOTHING_SEEN,
    FolderState,
    last_state,
    look_into,
    next_state,
    record_name,
)


def write(path, text="a", *, age_s=100.0):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    written = time.time() - age_s
    os.utime(path, (written, written))


def test_files_at_any_depth_count_but_hidden_ones_do_not(tmp_path):
    write(tmp_path / "a.png")
    write(tmp_path / "monday/b.png", age_s=40)
    write(tmp_path / ".part/c.png", age_s=0)
    write(tmp_path / "monday/.d.png", age_s=0)
    look = look_into([tmp_path])
    assert look.num_files == 2 and look.age_s == pytest.approx(40, abs=5)


@pytest.mark.parametrize("change", ["added", "removed", "written"])
def test_a_change_is_a_new_state_and_the_same_files_are_none(tmp_path, change):
    write(tmp_path / "a.png")
    write(tmp_path / "b.png")
    first = next_state(NOTHING_SEEN, look_into([tmp_path]), settle_s=30)
    assert first.number == 1 and first.num_files == 2
    assert next_state(first, look_into([tmp_path]), settle_s=30) is first
    if change == "removed":
        (tmp_path / "b.png").unlink()
    else:
        write(tmp_path / ("c.png" if change == "added" else "b.png"), age_s=50)
    assert next_state(first, look_into([tmp_path]), settle_s=30).number == 2


def test_what_is_still_written_and_an_empty_folder_are_waited_for(tmp_path):
    assert next_state(NOTHING_SEEN, look_into([tmp_path]), settle_s=0) is NOTHING_SEEN
    write(tmp_path / "a.png", age_s=5)
    look = look_into([tmp_path])
    assert next_state(NOTHING_SEEN, look, settle_s=30) is NOTHING_SEEN
    assert next_state(NOTHING_SEEN, replace(look, age_s=31), settle_s=30).number == 1


def test_a_folder_that_is_away_does_not_count_as_empty(tmp_path):
    with pytest.raises(ValueError, match="gone is no folder that can be read; bring it back"):
        look_into([tmp_path / "gone"])


def test_the_last_completed_look_is_remembered(tmp_path):
    store = Store(tmp_path / "store")
    assert last_state(store, "town") is NOTHING_SEEN
    for number, status in ((1, "completed"), (2, "failed")):
        state = FolderState(number, "ab", 3)
        Run(store, record_name("town")).finish(status, state.record())
    assert last_state(store, "town") == FolderState(1, "ab", 3)
