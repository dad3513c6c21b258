"""A small run on a real server with real workers: sent, followed, listed, looked at in the UI, and sent again."""

import contextlib
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tasks.artifacts.code_version import PROJECT_ROOT
from tests.browser import SCREENSHOTS, check_images, needs_chromium, opened_address
from tests.flows.command_runs import END
from tests.flows.flow_runs import wait_until
from tests.flows.serving import Served, free_port
from tests.flows.tiny_site import write_tiny_site

# Prefect's UI asks for both and has neither: its icon lies elsewhere, and a run's icon has no state before the run is there.
ASKED_IN_VAIN = ("/favicon.ico", "/ico/undefined.svg")


def flows(served: Served, *arguments: str) -> subprocess.CompletedProcess:
    """A command of the shell against the server."""
    command = [sys.executable, "-m", "flows", *arguments]
    streams = {"capture_output": True, "text": True}
    return subprocess.run(command, cwd=PROJECT_ROOT, env=served.environment, timeout=900, **streams)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    return write_tiny_site(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def sent(served, site) -> subprocess.CompletedProcess:
    """What `flows submit` said of the first run."""
    return flows(served, "submit", str(site), "--set", "arms=[[S]]")


@pytest.fixture(scope="module")
def sent_again(served, sent, site) -> subprocess.CompletedProcess:
    """What it said of the same run, sent once more."""
    return flows(served, "submit", str(site), "--set", "arms=[[S]]")


@contextmanager
def ui_page(served: Served, path: str) -> Iterator[Page]:
    with opened_address(f"{served.url}/{path}") as (page, complaints):
        yield page
        assert [item for item in complaints if not item.endswith(ASKED_IN_VAIN)] == []


def run_id(output: str) -> str:
    return output.split("/runs/flow-run/")[1].split()[0]


def test_a_run_is_sent_followed_and_ends_as_one_in_this_process(sent, site):
    assert sent.returncode == 0, sent.stdout + sent.stderr
    assert f"report: {site.parent}/runs/tiny/report/index.html" in sent.stdout
    assert (site.parent / "runs/tiny/report/index.html").is_file()
    end = END.search(sent.stdout.strip())
    assert end and (end[2], end[3]) == ("0", "0")
    built = [line for line in sent.stderr.splitlines() if line.startswith("  built ")]
    assert len(built) == int(end[1]) and any("render empty 0-1" in line for line in built)


def test_the_same_run_again_finds_everything(sent, sent_again):
    end, first = END.search(sent_again.stdout.strip()), END.search(sent.stdout.strip())
    assert sent_again.returncode == 0 and end and first
    assert (end[1], end[2], end[3]) == ("0", first[1], "0")
    assert "  cached  render empty 0-1" in sent_again.stderr


def test_runs_and_logs_are_read_in_the_shell(served, sent):
    listed = flows(served, "runs").stdout.splitlines()
    assert listed[0].split() == ["run", "id", "flow", "state", "begun", "seconds", "built", "reused"]
    row = next(line.split() for line in listed if run_id(sent.stdout)[:8] in line)
    assert (row[0], row[2], row[3]) == ("tiny", "augment", "Completed")
    logs = flows(served, "logs", run_id(sent.stdout)[:8]).stdout
    assert "built render empty 0-1 as " in logs and "(run tiny, site " in logs
    end = END.search(sent.stdout.strip())
    assert end and logs.rstrip().endswith(f": Completed built {end[1]}, reused 0, failed 0")
    assert "Finished in state Built" not in logs


def test_a_run_that_is_over_is_followed_to_its_report(served, sent, site):
    followed = flows(served, "follow", run_id(sent.stdout))
    assert followed.returncode == 0, followed.stderr
    assert f"report: {site.parent}/runs/tiny/report/index.html" in followed.stdout


def test_a_store_that_cannot_be_written_is_one_line(served, site):
    ended = flows(served, "submit", str(site), "--set", "arms=[[S]]", "--set", f"store={site}/store")
    assert ended.returncode != 0
    (line,) = [line for line in ended.stdout.splitlines() if line.startswith("error: ")]
    assert line.startswith(
        f"error: the store {site}/store cannot be written (Not a directory): mount it writable"
    )


def test_a_bad_value_is_refused_by_the_server_before_a_run_begins(served):
    body = {"parameters": {"config": {"name": "x", "sample_site": {}, "compute": {"num_workers": 0}}}}
    deployment = served.call("deployments/name/augment/photos-to-report")
    with pytest.raises(OSError, match="409"):
        served.call(f"deployments/{deployment['id']}/create_flow_run", body)
    assert not served.call("flow_runs/filter", {"flow_runs": {"name": {"any_": ["x"]}}})


def test_a_copy_of_the_database_made_while_the_server_runs_shows_the_old_runs_elsewhere(
    served, sent, tmp_path
):
    """As docs/operations.md says; this is what sqlite3's `.backup` does."""
    home, port = tmp_path / "store/prefect", free_port()
    home.mkdir(parents=True)
    with (
        contextlib.closing(sqlite3.connect(served.store / "prefect/prefect.db")) as source,
        contextlib.closing(sqlite3.connect(home / "prefect.db")) as copy,
    ):
        source.backup(copy)
    command = [sys.executable, "-m", "flows.server.api_process", "127.0.0.1", str(port)]
    environment = served.environment | {"PREFECT_HOME": str(home)}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, cwd=PROJECT_ROOT, env=environment)
    try:
        restored = Served(process, f"http://127.0.0.1:{port}", tmp_path)
        wait_until(restored.answers, "the restored server answers")
        run, logs = (
            f"flow_runs/{run_id(sent.stdout)}",
            {"logs": {"flow_run_id": {"any_": [run_id(sent.stdout)]}}},
        )
        assert restored.call(run) == served.call(run)
        assert restored.call("logs/filter", logs) == served.call("logs/filter", logs) != []
    finally:
        process.kill()
        process.communicate()


@needs_chromium
def test_the_page_of_a_finished_run_shows_states_and_artifacts(served, sent, sent_again):
    SCREENSHOTS.mkdir(exist_ok=True)
    for end, state in ((sent, "Built"), (sent_again, "Cached")):
        with ui_page(served, f"runs/flow-run/{run_id(end.stdout)}") as page:
            page.get_by_text("Completed", exact=True).first.wait_for()
            page.locator("#task-runs").click()
            page.get_by_text(state, exact=True).first.wait_for()
            page.screenshot(path=SCREENSHOTS / f"prefect-{state.lower()}.png")
            page.locator("#artifacts").click()
            page.get_by_text("verisim-result", exact=False).first.wait_for()
            page.screenshot(path=SCREENSHOTS / "prefect-artifacts.png")


@needs_chromium
def test_every_artifact_of_a_finished_run_shows_its_images(served, sent):
    chosen = {"flow_run_id": {"any_": [run_id(sent.stdout)]}, "type": {"any_": ["markdown"]}}
    found = {item["key"]: item for item in served.call("artifacts/filter", {"artifacts": chosen})}
    assert sorted(found) == ["verisim-result", "verisim-scene"]
    with ui_page(served, "artifacts") as page:
        for key, item in found.items():
            page.goto(f"{served.url}/artifacts/artifact/{item['id']}")
            page.wait_for_function("document.images.length >= 4")
            assert check_images(page) == re.findall(r"!\[(.+?)\]\(data:", item["data"])
            page.screenshot(path=SCREENSHOTS / f"prefect-{key}.png")


@needs_chromium
def test_the_form_of_a_run_has_fields_with_descriptions(served):
    deployment = served.call("deployments/name/augment/photos-to-report")
    with ui_page(served, f"deployments/deployment/{deployment['id']}/run") as page:
        page.get_by_text("folder of the reports").first.wait_for()
        page.screenshot(path=SCREENSHOTS / "prefect-form.png", full_page=True)
