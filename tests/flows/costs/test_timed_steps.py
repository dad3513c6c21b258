"""The steps of a run that is to come: measured where the store has them, estimated where it has not."""

from collections import Counter

import pytest

from flows.commands.command_line import main
from flows.costs.timed_steps import TimedPlan
from flows.sweeps.config import list_points, load_sweep
from flows.sweeps.flow import plan_sweep
from tasks.building.run_context import going_on
from tests.benches.filled_store import Scale, fill, write_sweep
from tests.flows.tiny_site import write_tiny_site

NEW_RULES = "reinsertion.border_fade_px=6"


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    """Two backgrounds and one refiner, with all that they make in the store."""
    path = write_sweep(write_tiny_site(tmp_path_factory.mktemp("costs")), Scale(backgrounds=2, refiners=1))
    fill(path)
    return path


def steps_of(sweep, *overrides):
    config = load_sweep(sweep, list(overrides))
    run = TimedPlan(list_points(config)[0].config.store_place.open(), "plan", is_plan=True)
    with going_on(run):
        plan_sweep(config)
    return run.steps(), run.unknown_kinds()


def test_what_is_in_the_store_takes_as_long_as_it_took_and_needs_what_it_was_made_from(sweep):
    steps, unknown = steps_of(sweep)
    assert not any(step.is_estimate for step in steps) and unknown == []
    by_kind = {step.kind: step for step in steps}
    (name,) = (name for name in by_kind["refined-crops"].needs if name == by_kind["refiner"].name)
    assert len(name) == 64 and by_kind["refiner"].is_training and not by_kind["refined-crops"].is_training
    assert len(by_kind["refiner"].needs) == 3  # the crops of two backgrounds, and those of R_train


def test_what_is_missing_and_what_waits_for_it_are_estimated_and_keep_their_places(sweep):
    whole, _ = steps_of(sweep)
    changed, unknown = steps_of(sweep, NEW_RULES)
    assert Counter(step.kind for step in changed) == Counter(step.kind for step in whole) and unknown == []
    estimated = {step.name: step for step in changed if step.is_estimate}
    assert {step.kind for step in estimated.values()} >= {
        "refined-scenes",
        "dataset",
        "detector",
        "sweep-table",
    }
    gathered = next(step for step in estimated.values() if step.kind == "dataset")
    assert len(gathered.needs) == 2 and {*gathered.needs} < estimated.keys()


def test_the_command_says_how_many_are_estimates(sweep, capsys):
    assert main(["cost", str(sweep), "--set", NEW_RULES, "--hosts", "2"]) == 0
    count = sum(step.is_estimate for step in steps_of(sweep, NEW_RULES)[0])
    assert f"{count} of them are not in the store" in capsys.readouterr().out
