"""A pipeline of two steps, written beside the project in `tests/two_steps`: it gets all that ours have."""

import json
import os
import signal
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from flows.commands.command_line import main
from tasks.artifacts.store import Store
from tests.flows.command_runs import read_record, run, shared_api, start
from tests.flows.flow_runs import FlowRun
from tests.flows.serving import Served, serving

EXAMPLE = Path("tests/two_steps/run.yaml")
NAMED = {"VERISIM_PIPELINES": "two_steps=tests.two_steps.pipeline"}
# Long enough to be killed in its middle.
LONG = {
    "steps": 6000,
    "batch_size": 8,
    "warmup_steps": 0,
    "eval_every_steps": 6000,
    "checkpoint_every_steps": 100,
}


@pytest.fixture(autouse=True)
def named(monkeypatch) -> None:
    for name, value in NAMED.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def path(tmp_path) -> Path:
    return write_run(tmp_path)


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[Served]:
    """A server of its own, which knows the pipeline."""
    before = dict(os.environ)
    os.environ.update(NAMED)
    with serving(tmp_path_factory.mktemp("served")) as running:
        yield running
    os.environ.clear()
    os.environ.update(before)


def write_run(folder: Path, **changed) -> Path:
    """The example over a store in `folder`."""
    content = yaml.safe_load(EXAMPLE.read_text()) | changed
    path = folder / "run.yaml"
    path.write_text(
        yaml.safe_dump(content | {"store": str(folder / "store"), "output": str(folder / "runs")})
    )
    return path


def line_of(folder: Path) -> bytes:
    """The trained weights in a store."""
    (found,) = (item for item in read_record(folder)["artifacts"] if item["kind"] == "line")
    store = Store(folder / "store")
    ref = store.find(found["key"])
    assert ref is not None
    return (store.folder(ref) / "line.pt").read_bytes()


def test_it_is_planned_run_explained_and_found_again(path, tmp_path, capsys):
    assert main(["explain", str(path)]) == 0
    assert "0 hit, 1 to build, 0 waiting for these; all that follows the points" in capsys.readouterr().out
    code, output, counts = run(path)
    assert (code, counts) == (0, (3, 0, 0)), output
    page = tmp_path / "runs/two-steps/report/index.html"
    assert f"report: {page}" in output and "best step" in page.read_text()
    assert run(path)[2] == (0, 3, 0)
    assert main(["explain", str(path), "--set", "line.learning_rate=0.1"]) == 0
    assert "config.line.learning_rate: 0.05 -> 0.1" in capsys.readouterr().out
    assert main(["run", str(path), "--set", "points.count=4"]) == 2
    assert "points.count is 4, but a batch has 8; make more points" in capsys.readouterr().err


def test_it_is_swept_and_the_table_has_its_figures(path, tmp_path):
    sweep = tmp_path / "sweep.yaml"
    sweep.write_text((EXAMPLE.with_name("sweep.yaml")).read_text())
    code, output, (built, _, failed) = run(sweep, command="sweep")
    assert (code, failed) == (0, 0) and built == 10, output
    table = json.loads((tmp_path / "runs/two-steps-sweep/sweep/table.json").read_text())
    errors = {(row["line.learning_rate"], row["seed"]): row["squared_error"] for row in table["rows"]}
    assert len(errors) == 4 and errors["0.05", "0"] < errors["0.001", "0"]
    assert run(sweep, command="sweep")[2] == (0, 10, 0)


def test_a_training_that_is_killed_goes_on_to_the_same_weights(tmp_path):
    for name in ("killed", "whole"):
        (tmp_path / name).mkdir()
    killed, whole = (write_run(tmp_path / name, line=LONG) for name in ("killed", "whole"))
    process = start(killed)
    while not list((tmp_path / "killed/store").rglob("checkpoint.pt")):
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    (checkpoint,) = (tmp_path / "killed/store").rglob("checkpoint.pt")
    code, output, (built, reused, _) = run(killed)
    assert (code, built, reused) == (0, 2, 1), output
    assert run(whole)[0] == 0
    assert line_of(tmp_path / "killed") == line_of(tmp_path / "whole") and not checkpoint.exists()


def test_it_is_sent_to_a_server_trained_in_the_pool_gpu_and_shown_there(
    served, tmp_path, capsys, monkeypatch
):
    for name, value in served.environment.items():
        monkeypatch.setenv(name, value)
    path = write_run(tmp_path, compute={"trainings": "gpu"}, name="sent")
    assert main(["submit", str(path)]) == 0
    output = capsys.readouterr().out
    assert "sent sent to two-steps/points-to-line" in output
    assert f"report: {tmp_path / 'runs/sent/report/index.html'}" in output and "built 3, reused 0" in output
    (sent,) = served.call("flow_runs/filter", {"flow_runs": {"name": {"any_": ["sent"]}}})
    (training,) = FlowRun(served, sent["id"]).trainings()
    assert training.read()["state"]["name"] == "Built" and training.read()["work_pool_name"] == "gpu"
    wanted = {"artifacts": {"flow_run_id": {"any_": [sent["id"]]}, "key": {"any_": ["verisim-result"]}}}
    (shown,) = served.call("artifacts/filter", wanted)
    assert "| squared_error |" in shown["data"]
    form = served.call("deployments/name/two-steps/points-to-line")["parameter_openapi_schema"]
    fields = form["definitions"]["PointsConfig"]["properties"]
    assert fields["slope"]["description"] == "of the line that they lie along"
    assert main(["submit", str(path)]) == 0
    assert "built 0, reused 3" in capsys.readouterr().out


def test_prefect_s_own_runner_makes_the_same_of_it(tmp_path):
    for name in ("quick", "plain"):
        (tmp_path / name).mkdir()
        path = write_run(tmp_path / name, name=name, compute={"engine": name})
        assert run(path)[2] == (3, 0, 0) and run(path)[2] == (0, 3, 0)
    quick, plain = (read_record(tmp_path / name)["artifacts"] for name in ("quick", "plain"))
    assert [(item["key"], item["state"]) for item in quick] == [
        (item["key"], item["state"]) for item in plain
    ]
    ends = sorted((step, state) for step in ("points", "line", "summarise") for state in ("Built", "Cached"))
    assert states_of("quick") == states_of("plain") == ends


def states_of(flow_run: str) -> list[tuple[str, str]]:
    """Each step's name and last state in the server's database, of two runs of this name."""
    wanted = {"flow_runs": {"name": {"any_": [flow_run]}}}
    request = urllib.request.Request(
        f"{shared_api()[0]['PREFECT_API_URL']}/task_runs/filter",
        json.dumps(wanted).encode(),
        {"Content-Type": "application/json"},
    )
    for _ in range(100):  # they arrive there some seconds after the run's own end
        with urllib.request.urlopen(request, timeout=60) as answer:
            found = json.load(answer)
        if len(found) == 6 and all(item["state_type"] == "COMPLETED" for item in found):
            break
        time.sleep(0.2)
    return sorted((item["name"], item["state_name"]) for item in found)
