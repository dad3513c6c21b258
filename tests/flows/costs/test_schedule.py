import pytest

from flows.costs.graph import Hosts, TimedStep
from flows.costs.schedule import simulate


def training(name, seconds, *needs):
    return TimedStep(name, "detector", seconds, needs, is_training=True)


def other(name, seconds, *needs):
    return TimedStep(name, "scenes", seconds, needs)


def test_a_chain_takes_its_sum_on_any_number_of_hosts():
    steps = [other("render", 5.0), training("train", 7.0, "render"), other("detect", 2.0, "train")]
    for count in (1, 4, 16):
        found = simulate(steps, Hosts(count, 2))
        assert (found.makespan_s, found.critical_path_s, found.ratio) == (14.0, 14.0, 1.0)


def test_four_trainings_take_a_quarter_of_the_time_on_four_hosts():
    steps = [training(str(number), 10.0) for number in range(4)]
    assert simulate(steps, Hosts(1, 1)).makespan_s == 40.0
    on_four = simulate(steps, Hosts(4, 1))
    assert (on_four.makespan_s, on_four.training_share) == (10.0, 1.0)


def test_a_run_takes_what_can_begin_and_the_best_order_the_step_with_most_behind_it():
    # Short first ends after 1 + 1 + 9 = 11 s; with the long chain first the short one fills the wait for it.
    steps = [other("short", 1.0), other("long", 1.0), training("behind", 9.0, "long")]
    found = simulate(steps, Hosts(1, 1))
    assert (found.makespan_s, found.best_s, found.bound_s) == (11.0, 10.0, 10.0)
    assert found.ratio == pytest.approx(1.1) and found.best_ratio == 1.0


def test_steps_may_stand_in_any_order_and_what_is_not_among_them_is_there():
    steps = [training("second", 2.0, "first"), other("first", 3.0, "of another run")]
    assert simulate(steps, Hosts(1, 1)).makespan_s == 5.0


def test_what_no_order_beats_counts_the_places_of_both_kinds():
    steps = [training(f"t{number}", 4.0) for number in range(3)] + [other("o", 5.0)]
    found = simulate(steps, Hosts(2, 1))  # three trainings on two hosts: 8 s, of 16 host-seconds 12 used
    assert (found.bound_s, found.makespan_s) == (8.0, 8.0)
    assert found.ratio == 1.0 and found.training_share == 0.75


def test_an_empty_run_ends_at_once():
    found = simulate([], Hosts(1, 1))
    assert (found.makespan_s, found.critical_path_s, found.ratio) == (0.0, 0.0, 1.0)


def test_a_sweep_of_a_thousand_steps_ends_within_15_percent_of_what_no_order_beats():
    renders = [other(f"r{number}", 5.0 + number % 3) for number in range(200)]
    names = tuple(step.name for step in renders)
    refiners = [training(f"g{number}", 600.0 + 40 * number, *names) for number in range(22)]
    refined = [other(f"f{a}-{b}", 0.3, f"g{a}") for a in range(22) for b in range(30)]
    for count in (1, 4, 16):
        assert 1.0 <= simulate([*renders, *refiners, *refined], Hosts(count, 2)).best_ratio <= 1.15
