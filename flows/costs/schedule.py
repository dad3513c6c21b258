"""Simulates when the steps of a run begin and end on some hosts: list scheduling over their graph (Graham 1969)."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from flows.costs.bounds import least_seconds
from flows.costs.graph import Hosts, TimedStep, chains_before, chains_behind, followers, in_order, needed


@dataclass(frozen=True)
class Schedule:
    """When a simulated run ends, and what no order could beat."""

    makespan_s: float  # steps begin in the order in which they can, as in a run
    best_s: float  # in the better one of that order and of the one with most behind a step first
    critical_path_s: (
        float  # the longest chain of steps that need one another: the end on hosts without number
    )
    bound_s: float  # no order ends before it on these hosts
    training_share: float  # of the time of the hosts that train: how much of it they do

    @property
    def ratio(self) -> float:
        """1 for a run that no other order would end earlier."""
        return self.makespan_s / self.bound_s if self.bound_s else 1.0

    @property
    def best_ratio(self) -> float:
        """The same for the better order."""
        return self.best_s / self.bound_s if self.bound_s else 1.0


def simulate(steps: Sequence[TimedStep], hosts: Hosts) -> Schedule:
    """Every step begins when those that it needs have ended and a place is free.

    What is needed and not in `steps` is there already.
    """
    order = in_order(steps)
    ends = [start + step.seconds for start, step in zip(chains_before(order), order, strict=True)]
    makespan = _play(order, hosts, None)
    behind = [step.seconds + rest for step, rest in zip(order, chains_behind(order), strict=True)]
    training_s = sum(step.seconds for step in order if step.is_training)
    return Schedule(
        makespan_s=makespan,
        best_s=min(makespan, _play(order, hosts, behind)),
        critical_path_s=max(ends, default=0.0),
        bound_s=least_seconds(order, hosts),
        training_share=training_s / (hosts.trainings * makespan) if makespan else 0.0,
    )


def _play(order: Sequence[TimedStep], hosts: Hosts, urgency: Sequence[float] | None) -> float:
    """The time at which the last step ends; of the steps that can begin the most urgent goes first, or who came first."""
    following, waits = followers(order), [len(found) for found in needed(order)]
    ready: dict[bool, list[tuple[float, int]]] = {True: [], False: []}
    free = {True: hosts.trainings, False: hosts.at_once}
    running: list[tuple[float, int]] = []
    now, freed = 0.0, [number for number, count in enumerate(waits) if not count]
    while running or freed or any(ready.values()):
        for number in freed:
            rank = now if urgency is None else -urgency[number]
            heapq.heappush(ready[order[number].is_training], (rank, number))
        for is_training, queue in ready.items():
            while queue and free[is_training]:
                _, number = heapq.heappop(queue)
                free[is_training] -= 1
                heapq.heappush(running, (now + order[number].seconds, number))
        now, ended = heapq.heappop(running)
        free[order[ended].is_training] += 1
        freed = []
        for number in following[ended]:
            waits[number] -= 1
            if not waits[number]:
                freed.append(number)
    return now
