"""docs/watching.md names every figure and event that there is, and no other."""

import re

import yaml
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from flows.people.new_backgrounds import ARRIVED, REMOVED
from flows.server.condition import Condition
from flows.server.lookout import WorkerFigures
from flows.server.server_figures import _figures
from flows.watching import events
from flows.watching.metrics import MachineFigures, StoreFigures
from tasks.artifacts.store import Store
from tests.docs.pages import PAGES, blocks, spans

PAGE = "docs/watching.md"
_FIGURE = re.compile(r"\bverisim_[a-z_]+\b")


def told(tmp_path, monkeypatch) -> set[str]:
    """The names of all figures, of a machine with a GPU."""
    command = tmp_path / "nvidia-smi"
    command.write_text("#!/bin/sh\necho '0, A GPU, 50, 1, 2'\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    registry = CollectorRegistry(auto_describe=False)
    store = Store(tmp_path / "store")
    for collector in (StoreFigures(store), MachineFigures((tmp_path,)), WorkerFigures("gpu", lambda: 0)):
        registry.register(collector)
    families = [*text_string_to_metric_families(generate_latest(registry).decode()), *_figures(Condition())]
    totals = {family.name: "_total" if family.type == "counter" else "" for family in families}
    return {f"{name}{end}" for name, end in totals.items()} | {"verisim_server_up"}


def test_the_page_names_every_figure_and_no_other(tmp_path, monkeypatch):
    table = {name for span in spans(PAGE) for name in _FIGURE.findall(span) if "deployed" not in name}
    assert table == told(tmp_path, monkeypatch)


def test_the_rules_ask_for_figures_that_there_are(tmp_path, monkeypatch):
    scrapes, rules = map(yaml.safe_load, blocks(PAGE, "yml"))
    asked = {name for rule in rules["groups"][0]["rules"] for name in _FIGURE.findall(rule["expr"])}
    assert asked and asked - told(tmp_path, monkeypatch) == set()
    assert [item["job_name"] for item in scrapes["scrape_configs"]] == ["verisim", "prefect"]


def test_the_page_names_every_event_of_ours():
    ours = {value for name, value in vars(events).items() if name.isupper()} | {ARRIVED, REMOVED}
    named = set(re.findall(r"`(verisim\.\w+\.[a-z]\w*)`", PAGES[PAGE]))
    assert named - {"verisim.scheduler.server"} == ours


def test_the_settings_that_it_names_are_read_somewhere():
    assert {
        "VERISIM_PAGES_URL",
        "VERISIM_PAGES_AUTH",
        "VERISIM_METRICS_FOLDER",
        "VERISIM_LEAST_FREE_GB",
    } == set(re.findall(r"\bVERISIM_\w+", PAGES[PAGE]))
