"""What planning a sweep costs, at sizes of a test: a step must not cost more in a larger one."""

import time
from pathlib import Path

import pytest

from flows.sweeps.config import list_points, load_sweep
from flows.sweeps.flow import plan_sweep
from tasks.building.run_context import Run, going_on
from tests.benches.filled_store import Scale, fill, write_sweep
from tests.flows.tiny_site import write_tiny_site

SMALL, LARGE = Scale(backgrounds=6, refiners=3), Scale(backgrounds=24, refiners=6)
NEW_RULES = "reinsertion.border_fade_px=6"
MOST_TIMES = 2.0  # as dear; what is quadratic is four times as dear


@pytest.fixture(scope="module")
def sweeps(tmp_path_factory) -> tuple[Path, Path]:
    """A small and a large one, each with all that it makes in its store."""
    found = []
    for scale in (SMALL, LARGE):
        sweep = write_sweep(write_tiny_site(tmp_path_factory.mktemp("scale")), scale)
        fill(sweep)
        found.append(sweep)
    return found[0], found[1]


def plan(sweep: Path, *overrides: str) -> tuple[Run, float]:
    """The planned run, and the least CPU-seconds a step of three plans."""
    config = load_sweep(sweep, list(overrides))
    seconds = []
    for _ in range(3):
        run = Run(list_points(config)[0].config.store_place.open(), "plan", is_plan=True)
        begun = time.thread_time()
        with going_on(run):
            assert plan_sweep(config) is None or overrides
        seconds.append((time.thread_time() - begun) / len(run.outcomes))
    return run, min(seconds)


def test_a_found_step_costs_as_much_in_a_large_sweep_as_in_a_small_one(sweeps):
    (small, small_s), (large, large_s) = map(plan, sweeps)
    assert small.count("reused") == len(small.outcomes) and large.count("reused") == len(large.outcomes)
    assert len(large.outcomes) > 3 * len(small.outcomes) and large_s < MOST_TIMES * small_s


def test_saying_why_a_step_would_be_built_costs_as_much_in_a_large_sweep(sweeps):
    (small, small_s), (large, large_s) = (plan(sweep, NEW_RULES) for sweep in sweeps)
    assert (small.count("missing"), large.count("missing")) == (6 * 3, 24 * 6)
    assert {outcome.reasons for outcome in large.outcomes if outcome.state == "missing"} == {
        ("config.border_fade_px: 12.0 -> 6.0",)
    }
    assert large_s < MOST_TIMES * small_s
