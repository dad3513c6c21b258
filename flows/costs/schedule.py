"""Simulates when the steps of a run begin and end on some hosts: list scheduling over their graph (Graham 1969)."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class TimedStep:
    """One artifact of a run: how long it takes to make, and the names of those that must be there before."""

    name: str
    kind: str
    seconds: float
    needs: tuple[str, ...] = ()
    is_training: bool = False
    is_estimate: bool = False  # the store has none, `seconds` is the median of its kind


@dataclass(frozen=True)
class Hosts:
    """`trainings` are those of the pool gpu, each with one at a time; the run's own host makes all else, `at_once`."""

    trainings: int
    at_once: int


@dataclass(frozen=True)
class Schedule:
    """When a simulated run ends, and what no order could beat."""

    makespan_s: float
    critical_path_s: (
        float  # the longest chain of steps that need one another: the time on hosts without number
    )
    bound_s: float  # the longest of the critical path, the trainings on their hosts and the rest on its
    training_share: float  # of the time of the hosts that train: how much of it they do

    @property
    def ratio(self) -> float:
        """1 for an order that cannot be beaten."""
        return self.makespan_s / self.bound_s if self.bound_s else 1.0


def simulate(steps: Sequence[TimedStep], hosts: Hosts) -> Schedule:
    """Every step begins when those that it needs have ended and a place is free; of several the one with most behind it.

    What is needed and not in `steps` is there already.
    """
    order = _sorted(steps)
    critical = max((start + step.seconds for start, step in _earliest(order)), default=0.0)
    trainings = sum(step.seconds for step in steps if step.is_training)
    others = sum(step.seconds for step in steps) - trainings
    makespan = _play(order, hosts)
    return Schedule(
        makespan_s=makespan,
        critical_path_s=critical,
        bound_s=max(critical, trainings / hosts.trainings, others / hosts.at_once),
        training_share=trainings / (hosts.trainings * makespan) if makespan else 0.0,
    )


def _play(order: Sequence[TimedStep], hosts: Hosts) -> float:
    """The time at which the last step ends."""
    behind, followers, waits = _behind(order), _followers(order), _waits(order)
    ready: dict[bool, list[tuple[float, int]]] = {True: [], False: []}
    free = {True: hosts.trainings, False: hosts.at_once}
    running: list[tuple[float, int]] = []
    for number, step in enumerate(order):
        if not waits[number]:
            heapq.heappush(ready[step.is_training], (-behind[number], number))
    now = 0.0
    while running or any(ready.values()):
        for place, queue in ready.items():
            while queue and free[place]:
                _, number = heapq.heappop(queue)
                free[place] -= 1
                heapq.heappush(running, (now + order[number].seconds, number))
        now, ended = heapq.heappop(running)
        free[order[ended].is_training] += 1
        for number in followers[ended]:
            waits[number] -= 1
            if not waits[number]:
                heapq.heappush(ready[order[number].is_training], (-behind[number], number))
    return now


def _sorted(steps: Sequence[TimedStep]) -> list[TimedStep]:
    """Every step after those that it needs (Kahn 1962)."""
    followers, waits = _followers(steps), _waits(steps)
    found = [number for number, count in enumerate(waits) if not count]
    for number in found:
        for follower in followers[number]:
            waits[follower] -= 1
            if not waits[follower]:
                found.append(follower)
    assert len(found) == len(steps), "steps need one another in a circle"
    return [steps[number] for number in found]


def _earliest(order: Sequence[TimedStep]) -> list[tuple[float, TimedStep]]:
    """Each step with the second at which it could begin on hosts without number."""
    ends: dict[str, float] = {}
    found = []
    for step in order:
        start = max((ends.get(name, 0.0) for name in step.needs), default=0.0)
        ends[step.name] = start + step.seconds
        found.append((start, step))
    return found


def _behind(order: Sequence[TimedStep]) -> list[float]:
    """Seconds of the longest chain that begins with each step."""
    followers = _followers(order)
    behind = [0.0] * len(order)
    for number in range(len(order) - 1, -1, -1):
        behind[number] = order[number].seconds + max(
            (behind[each] for each in followers[number]), default=0.0
        )
    return behind


def _followers(steps: Sequence[TimedStep]) -> list[list[int]]:
    places = {step.name: number for number, step in enumerate(steps)}
    found: list[list[int]] = [[] for _ in steps]
    for number, step in enumerate(steps):
        for name in {*step.needs} & places.keys():
            found[places[name]].append(number)
    return found


def _waits(steps: Sequence[TimedStep]) -> list[int]:
    """For how many of the steps each has to wait."""
    names = {step.name for step in steps}
    return [len({*step.needs} & names) for step in steps]
