import time

import pytest

from flows.server.supervised_process import KeptChild


def wait_for_end(child: KeptChild) -> int | None:
    deadline = time.monotonic() + 30
    while child.returncode() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    return child.returncode()


def test_a_child_that_dies_again_and_again_is_given_up_with_its_log(tmp_path):
    child = KeptChild("the worker", ("no_such_module",), log=tmp_path / "log.txt")
    for _ in range(3):
        assert wait_for_end(child) == 1
        child.start_again()
    assert wait_for_end(child) == 1
    with pytest.raises(RuntimeError, match="the worker ends again and again") as caught:
        child.start_again()
    assert str(caught.value).count("No module named no_such_module") == 1  # that of the last start


def test_a_child_that_does_not_end_when_asked_is_killed(tmp_path):
    # The command prints "ready" once SIGTERM is ignored.
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(99)"
    child = KeptChild("the server", ("timeit", "-n1", "-r1", code), log=tmp_path / "log.txt")
    deadline = time.monotonic() + 30
    while not child.is_ready() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert child.is_ready()
    child.ask_to_end()
    child.wait_or_kill(grace_s=0.2)
    assert child.returncode() == -9
