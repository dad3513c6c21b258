import threading
import time

import pytest

from flows.runs import time_limit as limits
from flows.runs.time_limit import OutOfTime, time_limit
from tasks.building import child_process
from tasks.building.child_process import ChildFailed, is_stopped, run_child, stopped_within

A_SECOND_H = 1 / 3600


@pytest.fixture(autouse=True)
def running(monkeypatch):
    """No test leaves this process stopped for good."""
    monkeypatch.setattr(child_process, "_stopped", threading.Event())


def test_a_child_that_takes_too_long_is_ended_and_the_error_says_what_to_do(tmp_path, monkeypatch):
    (tmp_path / "endless_child.py").write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    message = (
        r"ended after 0.000277778 h, the limit that timeout_h sets; .* send it again, with a higher limit"
    )
    begun = time.monotonic()
    with pytest.raises(OutOfTime, match=message), time_limit(A_SECOND_H):
        run_child("endless_child", {}, timeout_s=50)
    assert time.monotonic() - begun < 30
    with pytest.raises(ChildFailed, match="the run was stopped"):
        run_child("endless_child", {}, timeout_s=50)


def test_an_error_in_time_stays_what_it_is_and_nothing_ends_later(monkeypatch):
    monkeypatch.setattr(limits, "_S_PER_H", 0.2)
    with pytest.raises(KeyError), time_limit(1.0):
        raise KeyError
    assert not stopped_within(0.5)


def test_who_ends_by_himself_after_the_limit_has_not_failed(monkeypatch):
    monkeypatch.setattr(limits, "_S_PER_H", 0.1)
    with time_limit(1.0):
        assert stopped_within(20)
    assert is_stopped()
