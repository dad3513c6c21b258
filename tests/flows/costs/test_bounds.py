"""Bounds that were worked out by hand, and against every order of small graphs."""

import itertools
import random

import pytest

from flows.costs.bounds import least_seconds
from flows.costs.graph import Hosts, TimedStep, in_order
from flows.costs.schedule import simulate


def training(name, seconds, *needs):
    return TimedStep(name, "refiner", seconds, needs, is_training=True)


def other(name, seconds, *needs):
    return TimedStep(name, "scenes", seconds, needs)


def bound(steps, hosts):
    return least_seconds(in_order(steps), hosts)


def test_work_is_spread_over_the_places_and_a_step_is_not_divided():
    assert bound([other(str(number), 1.0) for number in range(10)], Hosts(1, 5)) == 2.0
    assert bound([training("long", 9.0), training("short", 1.0)], Hosts(4, 1)) == 9.0
    assert bound([training(str(number), 4.0) for number in range(3)], Hosts(2, 1)) == 8.0


def test_trainings_wait_for_all_renders_and_what_follows_waits_for_them():
    # 8 renders of 1 s at two places: 4 s; two trainings of 10 s on one host: 20 s; then 3 s.
    renders = [other(f"r{number}", 1.0) for number in range(8)]
    names = tuple(step.name for step in renders)
    steps = [
        *renders,
        training("a", 10.0, *names),
        training("b", 10.0, *names),
        other("table", 3.0, "a", "b"),
    ]
    assert bound(steps, Hosts(1, 2)) == pytest.approx(27.0)
    assert simulate(steps, Hosts(1, 2)).makespan_s == pytest.approx(27.0)


def test_nothing_to_do_takes_no_time():
    assert bound([], Hosts(1, 1)) == 0.0


@pytest.mark.parametrize("seed", range(20))
def test_the_best_of_all_orders_does_not_beat_it(seed):
    rng = random.Random(seed)
    steps = []
    for number in range(6):
        needs = tuple(step.name for step in steps if rng.random() < 0.4)
        make = training if rng.random() < 0.5 else other
        steps.append(make(str(number), float(rng.randint(1, 9)), *needs))
    hosts = Hosts(rng.randint(1, 2), rng.randint(1, 2))
    best = min(_end(order, hosts) for order in itertools.permutations(steps))
    assert bound(steps, hosts) <= best + 1e-6
    assert simulate(steps, hosts).best_s >= best - 1e-6


def _end(order, hosts):
    """Steps take the place that is free first, in this order; an order that puts a step before its needs ends never."""
    ends, places = {}, {True: [0.0] * hosts.trainings, False: [0.0] * hosts.at_once}
    for step in order:
        if not ends.keys() >= {*step.needs}:
            return float("inf")
        free = places[step.is_training]
        place = free.index(min(free))
        free[place] = ends[step.name] = step.seconds + max(
            [free[place], *(ends[name] for name in step.needs)]
        )
    return max(ends.values())
