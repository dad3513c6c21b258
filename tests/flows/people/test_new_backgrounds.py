"""Photos dropped into a watched folder, seen through a real server, worker and automation."""

import json
import shutil
import time

import numpy as np
import pytest

from flows.people.evaluate_again import finished_config
from tasks.artifacts.opening import StorePlace
from tasks.images.files import write_png
from tests.flows import command_runs
from tests.flows.serving import Served, serving
from tests.flows.tiny_site import draw_room, write_tiny_site

ARMS = "arms=[[R_train, S+]]"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A server with workers, beside a tiny site that was run once, so that there is a refiner."""
    folder = tmp_path_factory.mktemp("watched")
    path = write_tiny_site(folder)
    code, output, _ = command_runs.run(path, ARMS, "training.detector_seeds=1")
    assert code == 0, output
    with serving(folder) as served:
        yield served


def look(served: Served) -> None:
    """One run of new-backgrounds, to its end."""
    inbox = served.folder / "inbox"
    (inbox / "top").mkdir(parents=True, exist_ok=True)
    site = {
        "config": str(served.folder / "run.yaml"),
        "photos": str(inbox),
        "overrides": [ARMS, "training.detector_seeds=1"],
        "settle_s": 0.5,
    }
    deployment = served.call("deployments/name/new-backgrounds/look-for-photos")["id"]
    run = served.call(f"deployments/{deployment}/create_flow_run", {"parameters": {"site": site}})
    served.wait_for(run["id"])


def runs_of(served: Served, name: str) -> list[str]:
    """Ids of the flow runs of this name."""
    wanted = {"flow_runs": {"name": {"any_": [name]}}}
    return [run["id"] for run in served.call("flow_runs/filter", wanted)]


def wait_for_run(served: Served, name: str) -> dict[str, list[dict]]:
    """The artifacts of the run that the automation starts, by kind, when it has ended."""
    deadline = time.monotonic() + 90
    while not runs_of(served, name):
        assert time.monotonic() < deadline, f"no run {name} was started"
        time.sleep(0.5)
    (run,) = runs_of(served, name)
    served.wait_for(run)
    (path,) = (served.store / "runs").glob(f"{name}-*.json")
    by_kind: dict[str, list[dict]] = {}
    for artifact in json.loads(path.read_text())["artifacts"]:
        by_kind.setdefault(artifact["kind"], []).append(artifact)
    return by_kind


def drop(served: Served, *names: str) -> None:
    for name in names:
        seed = sum(name.encode())
        write_png(served.folder / "inbox" / "top" / name, draw_room(np.random.default_rng(seed)))


def states(artifacts: list[dict]) -> list[str]:
    return sorted(artifact["state"] for artifact in artifacts)


def test_three_photos_are_three_renders_and_a_new_version_and_a_removed_one_is_none(served):
    look(served)  # nothing there yet
    drop(served, "monday.png", "tuesday.png", "friday.png")
    look(served)
    first = wait_for_run(served, "tiny.v1")
    assert states(first["scenes"]) == ["built", "built", "built", "reused"]
    assert states(first["refiner"]) == ["reused"]
    assert states(first["refined-crops"]) == ["built", "built", "built", "reused"]
    assert states(first["evaluation"]) == ["built"]

    shutil.copyfile(served.folder / "inbox/top/monday.png", served.folder / "inbox/top/copy.png")
    look(served)
    (served.folder / "inbox/top/tuesday.png").unlink()
    look(served)
    second = wait_for_run(served, "tiny.v2")
    assert states(second["scenes"]) == ["reused"] * 3
    assert states(second["refined-crops"]) == ["reused"] * 3
    assert runs_of(served, "tiny.v3") == []
    assert len(list((served.store / "runs").glob("tiny-backgrounds-*.json"))) == 2


def test_the_page_of_the_look_says_what_was_added_and_what_was_not_taken_and_why(served):
    texts = [
        artifact["data"]
        for artifact in served.call("artifacts/filter", {})
        if artifact["key"] == "verisim-backgrounds"
    ]
    assert any("added: `monday-" in text for text in texts)
    assert any(
        "not taken: `top/copy.png`, because it is the same photo as top/monday.png" in text for text in texts
    )
    assert any("removed: `tuesday-" in text for text in texts)


def test_a_finished_run_is_scored_again_by_other_rules_without_any_training(served):
    finished = {"run": "tiny", "store": str(served.store), "evaluation": {"iou": 0.3}}
    deployment = served.call("deployments/name/evaluate/score-again")["id"]
    run = served.call(f"deployments/{deployment}/create_flow_run", {"parameters": {"finished": finished}})
    served.wait_for(run["id"])
    (path,) = (served.store / "runs").glob("tiny.evaluated-*.json")
    built = [item["kind"] for item in json.loads(path.read_text())["artifacts"] if item["state"] == "built"]
    assert sorted(built) == ["evaluation", "report"]
    page = (served.store.parent / "runs/tiny.evaluated/report/index.html").read_text()
    assert "IoU 0.3. One seed;" in page and "threshold chosen on R_val at IoU 0.5." in page


def test_a_run_that_never_finished_is_not_scored(served):
    with pytest.raises(ValueError, match="the store has no run 'office'"):
        finished_config(StorePlace(str(served.store)), "office")
