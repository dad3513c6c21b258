import logging

import pytest

from flows.runs.logs import describe_run, log_outcomes
from flows.server.quiet_logs import drop_repetitions
from tasks.building.run_context import Outcome


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"site": "/data/yard/site.yaml"}, "run night, site yard"),
        ({"site": None, "sample_site": {}}, "run night, sample site"),
        ({"site": f"artifact:{'0123456789abcdef' * 4}"}, "run night, site artifact:0123456789ab"),
        ({"base": {"site": "/data/yard/site.yaml"}, "sections": []}, "run night, site yard"),
        ({"base": {"site": "site.yaml"}, "folder": "/data/yard"}, "run night, site yard"),
        ({"wanted_by": "run big, site yard"}, "night for run big, site yard"),
        ({"wanted_by": ""}, "night for a person"),
    ],
)
def test_a_run_is_described_by_its_name_and_site(config, words):
    assert describe_run("night", config) == words


def test_the_log_names_key_run_and_site_of_what_is_built_and_says_what_to_do_about_failures(
    caplog,
):
    watch = log_outcomes("run night, site yard")
    with caplog.at_level(logging.INFO, logger="verisim.outcomes"):
        watch(Outcome("render a 0-9", "scenes", "built", "0123456789abcdef", 12.34, 2_500_000))
        watch(Outcome("render b 0-9", "scenes", "reused", "0123456789abcdef"))
        watch(Outcome("train refiner", "refiner", "failed", reasons=("the disk is full",)))
    assert [record.getMessage() for record in caplog.records] == [
        "built render a 0-9 as 0123456789ab in 12.3 s, 2.50 MB (run night, site yard)",
        "train refiner failed: the disk is full (run night, site yard); everything finished is kept: mend this, then "
        "retry the run, or submit its configuration again",
    ]


def test_what_prefect_repeats_of_a_step_is_dropped_and_its_other_errors_stay(monkeypatch):
    log = logging.getLogger("prefect.task_runs")
    for name in ("prefect.task_runs", "prefect.flow_runs"):
        monkeypatch.setattr(logging.getLogger(name), "filters", [])
    drop_repetitions()
    error = "Task run failed with exception: KeyError('a')"
    messages = ("Finished in state Failed('the disk is full')", error)
    assert [text for text in messages if log.filter(logging.makeLogRecord({"msg": text}))] == [error]
