"""What a worker tells of others, by conditions of a server; and that the first of several tells."""

import pytest

from flows.server.condition import Condition, Worker
from flows.server.lookout import Lookout


def worker(name: str, silent_s: float = 0.0) -> Worker:
    return Worker("gpu", name, silent_s, is_silent=silent_s > 120, is_called_online=True)


@pytest.fixture
def lookout() -> Lookout:
    return Lookout("a", clock=lambda: 0.0)


def test_a_worker_that_falls_silent_is_told_once_and_again_after_it_was_back(lookout):
    well, ill = Condition((worker("a"), worker("b"))), Condition((worker("a"), worker("b", 200.0)))
    assert lookout.look(well) == []
    (trouble,) = lookout.look(ill)
    assert trouble.event == "verisim.worker.silent" and trouble.resource == "verisim.worker.gpu.b"
    assert "the worker b of the pool gpu was not heard for 200 s" in trouble.message
    assert lookout.look(ill) == [] and lookout.look(well) == []
    assert len(lookout.look(ill)) == 1


def test_what_was_silent_for_long_when_a_worker_begins_is_old_news(lookout):
    assert lookout.look(Condition((worker("a"), worker("b", 700.0), worker("c", 200.0))))[0].about == (
        "gpu",
        "c",
    )
    assert lookout.look(Condition((worker("a"), worker("b", 760.0), worker("c", 260.0)))) == []
    assert lookout.look(Condition((worker("a"), worker("b"), worker("c")))) == []
    assert len(lookout.look(Condition((worker("a"), worker("b", 200.0))))) == 1


def test_of_several_workers_only_the_first_tells():
    ill = Condition((worker("a"), worker("b"), worker("c", 200.0)))
    assert [len(Lookout(name).look(ill)) for name in ("a", "b")] == [1, 0]
    first_is_silent = Condition((worker("a", 300.0), worker("b"), worker("c")))
    assert [len(Lookout(name).look(first_is_silent)) for name in ("b", "c")] == [1, 0]


def test_services_that_do_nothing_for_two_minutes_are_told_once():
    now = [0.0]
    lookout = Lookout("a", clock=lambda: now[0])
    idle = Condition((worker("a"),), idle_services=("3 runs are overdue and not marked as late",))
    assert lookout.look(idle) == []
    now[0] = 119.0
    assert lookout.look(idle) == []
    now[0] = 121.0
    (trouble,) = lookout.look(idle)
    assert trouble.event == "verisim.scheduler.silent" and "3 runs are overdue" in trouble.message
    now[0] = 500.0
    assert lookout.look(idle) == []
    assert lookout.look(Condition((worker("a"),))) == []
    now[0] = 600.0
    assert lookout.look(idle) == []
