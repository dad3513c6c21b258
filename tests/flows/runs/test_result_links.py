import logging

import pytest

from flows.runs.result_links import publish, read_link
from tasks.artifacts.pages import read_page
from tasks.artifacts.store import Store
from tasks.building.run_context import Run


@pytest.fixture
def run(tmp_path, monkeypatch) -> Run:
    monkeypatch.delenv("VERISIM_PAGES_URL", raising=False)
    page = tmp_path / "runs/demo/report/index.html"
    page.parent.mkdir(parents=True)
    page.write_text("the report")
    return Run(Store(tmp_path / "store"), "demo")


@pytest.fixture
def page(run, tmp_path):
    return tmp_path / "runs/demo/report/index.html"


def test_without_an_address_the_page_is_kept_and_its_file_is_named(run, page):
    assert publish(run, page) == f"Page: `{page}`"
    assert read_link(f"Page: `{page}`") is None
    kept = read_page(run.store, run.id, "index.html")
    assert kept is not None and kept.content == b"the report"


def test_with_an_address_browsers_of_other_machines_open_it(run, page, monkeypatch):
    monkeypatch.setenv("VERISIM_PAGES_URL", "https://flows.example/verisim/pages/")
    link = f"https://flows.example/verisim/pages/{run.id}/index.html"
    line = publish(run, page)
    assert line == f"**[Open the page]({link})** (`{page}`)" and read_link(f"{line}\n\n| F1 |") == link


@pytest.mark.parametrize(
    ("value", "reason"),
    [("flows.example", "must be an address like"), ("signed", "only a bucket signs links")],
)
def test_a_setting_that_gives_no_link_is_told_and_fails_no_run(run, page, monkeypatch, caplog, value, reason):
    monkeypatch.setenv("VERISIM_PAGES_URL", value)
    with caplog.at_level(logging.WARNING):
        assert publish(run, page) == f"Page: `{page}`"
    assert reason in caplog.text
