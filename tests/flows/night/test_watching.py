"""Images by night that keep arriving, through a real server, its worker and the command `watch`."""

import json
import subprocess
import sys

import numpy as np
import pytest
import yaml

from tasks.artifacts.code_version import PROJECT_ROOT
from tasks.images.files import write_png
from tests.flows.serving import Served, serving
from tests.flows.tiny_street import draw_frame, write_tiny_night


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A server with workers beside a tiny run whose last arm labels what arrives."""
    folder = tmp_path_factory.mktemp("arriving")
    path = write_tiny_night(folder)
    content = yaml.safe_load(path.read_text())
    content["arriving"] = {"folder": "arriving", "layout": "unlabelled"}
    content["arms"]["7.2"]["guess"] |= {"of": "arriving", "choice": {"method": "all"}}
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    with serving(folder) as served:
        yield served


def watch(served: Served, *options: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "flows", "watch", str(served.folder / "run.yaml"), *options],
        env=served.environment,
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
    )


def drop(served: Served, *names: str) -> None:
    for name in names:
        image, _ = draw_frame(np.random.default_rng(sum(name.encode())))
        write_png(served.folder / "arriving" / name, image // 8)


def look(served: Served) -> None:
    """One run of new-images, with the schedule's own parameters, to its end."""
    deployment = served.call("deployments/name/new-images/look-for-images")
    (schedule,) = deployment["schedules"]
    watched = schedule["parameters"]["watched"] | {"settle_s": 0}
    body = {"parameters": {"watched": watched}}
    run = served.call(f"deployments/{deployment['id']}/create_flow_run", body)
    served.wait_for(run["id"])


def built_by(served: Served, name: str) -> set[str]:
    """What the run of this name built, by label, when it has ended."""
    wanted = {"flow_runs": {"name": {"any_": [name]}}}
    (run,) = served.call("flow_runs/filter", wanted)
    served.wait_for(run["id"])
    (path,) = (served.store / "runs").glob(f"{name}-*.json")
    artifacts = json.loads(path.read_text())["artifacts"]
    return {item["label"] for item in artifacts if item["state"] == "built"}


def test_what_arrives_is_labelled_and_learned_from_and_nothing_else_is_built(served):
    drop(served, "monday.png", "tuesday.png", "friday.png")
    said = watch(served, "--every", "3600")
    assert said.returncode == 0, said.stderr
    assert f"{served.folder / 'arriving'} is looked at every 3600 s for new images of tiny" in said.stdout
    look(served)
    assert "train translator unit" in built_by(served, "tiny.v1")
    look(served)
    drop(served, "saturday.png")
    look(served)
    built = built_by(served, "tiny.v2")
    assert {"import arriving (train)", "train segmenter on 7.2"} <= built
    arms = {label for label in built if label.startswith(("train", "translate"))}
    assert arms == {"train segmenter on 7.2"}, "neither translators nor the arms without what arrives"
    assert served.call("flow_runs/count", {"flow_runs": {"name": {"any_": ["tiny.v3"]}}}) == 0


def test_it_is_looked_at_until_it_is_not(served):
    assert watch(served, "--stop").stdout.strip().endswith("tiny is watched no more")
    assert served.call("deployments/name/new-images/look-for-images")["schedules"] == []


def test_options_of_sites_and_runs_without_folders_are_refused(served, tmp_path):
    refused = watch(served, "--photos", "photos")
    assert refused.returncode == 2
    assert (
        "--photos is for sites of the pipeline people; the folders of tiny stand in its run file"
        in refused.stderr
    )
    refused = watch(served, "--set", "arms.7.2.guess.of=target", "--set", "arriving=null")
    assert refused.returncode == 2
