"""How long a shared store that does not answer is waited for, by a clock that the tests turn."""

import pytest

from tasks.artifacts import remote_folder
from tasks.artifacts.remote_folder import RemoteFolder, StoreUnreachable


class Clock:
    """Stands for the module `time`: only sleeping takes time."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(remote_folder, "time", clock)
    return clock


def folder_away_for(seconds: float, clock: Clock, fault: Exception) -> tuple[RemoteFolder, list[float]]:
    """A folder whose file `a` can be read after so many seconds, and the moments at which it was asked for."""
    folder, asked = RemoteFolder("memory://patience"), []
    folder.write("a", b"there")
    read = folder._files.cat_file

    def cat_file(path: str) -> bytes:
        asked.append(clock.now_s)
        if clock.now_s < seconds:
            raise fault
        return read(path)

    folder._files.cat_file = cat_file  # an instance of its own: nothing else is changed
    return folder, asked


@pytest.mark.parametrize("fault", [ConnectionRefusedError("refused"), TimeoutError("silent")])
@pytest.mark.parametrize("seconds", [30, 80])
def test_a_store_that_is_away_for_a_while_is_asked_ever_more_rarely_until_it_answers(clock, fault, seconds):
    folder, asked = folder_away_for(seconds, clock, fault)
    assert folder.read("a") == b"there"
    assert asked[:6] == [0, 0.5, 1.5, 3.5, 7.5, 15.5]
    assert seconds <= asked[-1] < seconds + 8


def test_a_store_that_is_away_for_longer_is_given_up_after_a_minute_and_a_half_in_one_clear_line(clock):
    folder, asked = folder_away_for(1000, clock, ConnectionRefusedError("refused"))
    with pytest.raises(StoreUnreachable, match=r"cannot be reached for 88 s .*run the same command again"):
        folder.read("a")
    assert asked[-1] == 87.5


def test_what_time_does_not_heal_is_not_tried_again(clock):
    folder, asked = folder_away_for(1000, clock, PermissionError("no"))
    with pytest.raises(ValueError, match="refuses access"):
        folder.read("a")
    assert asked == [0]


def test_a_process_that_ends_waits_no_longer(clock):
    folder, asked = folder_away_for(1000, clock, ConnectionRefusedError("refused"))
    folder.lose_patience()
    with pytest.raises(StoreUnreachable):
        folder.read("a")
    assert asked == [0]
