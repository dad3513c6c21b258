"""What deploy does on a real server that people changed."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import yaml

from flows.server.api import ServerApi
from flows.server.deploy import PREFECT_FILE, Wanted, deploy
from flows.server.embedded_server import prefect_api, wait_for_api
from tasks.artifacts.code_version import PROJECT_ROOT

SCHEDULE = {"schedule": {"interval": 3600}, "active": False, "slug": "room", "parameters": {"site": {}}}


@pytest.fixture(scope="module")
def api(tmp_path_factory) -> Iterator[ServerApi]:
    """A new server without workers."""
    with mock.patch.dict(os.environ):
        os.environ.pop("PREFECT_API_URL", None)
        with prefect_api(tmp_path_factory.mktemp("store")):
            wait_for_api()
            deploy()
            yield ServerApi()


def deployment(api: ServerApi, name: str) -> dict[str, Any]:
    return api.get(f"deployments/name/{name}")


def change(api: ServerApi, name: str, **fields: Any) -> None:
    api.patch(f"deployments/{deployment(api, name)['id']}", fields)


def automation(api: ServerApi) -> dict[str, Any]:
    (found,) = api.post("automations/filter", {})
    return found


def said_by_deploy(path: Path = PREFECT_FILE, **how: Any) -> list[str]:
    said: list[str] = []
    wanted = Wanted(path, **{name: how.pop(name) for name in ("pools", "notify") if name in how})
    deploy(said.append, wanted=wanted, **how)
    return said


def all_of_it(api: ServerApi) -> list[Any]:
    kinds = ("deployments", "automations", "work_pools", "flows", "variables")
    return [sorted(api.post(f"{kind}/filter", {}), key=lambda item: item["id"]) for kind in kinds]


def test_a_second_deploy_writes_nothing(api):
    before = all_of_it(api)
    assert {line.partition(" ")[2] for line in said_by_deploy()} == {"is up to date"}
    assert all_of_it(api)[:3] == before[:3]


def test_a_dry_run_says_what_a_deploy_then_does_and_writes_nothing(api, tmp_path):
    content = yaml.safe_load(PREFECT_FILE.read_text())
    content["work_pools"]["gpu"]["description"] = "Two GPUs"
    content["deployments"][1] |= {"description": "New words.", "tags": ["new"]}
    removed = deployment(api, "evaluate/score-again")
    api.delete(f"deployments/{removed['id']}")
    (tmp_path / "prefect.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    before = all_of_it(api)
    said = said_by_deploy(tmp_path / "prefect.yaml", is_rehearsed=True)
    assert all_of_it(api) == before
    assert said[0] == f"what a deploy would do at {api.url}; nothing is written"
    assert [line for line in said[1:] if "is up to date" not in line] == [
        "pool gpu changed: description",
        "sweep/grid-to-table changed: description, tags",
        "evaluate/score-again made",
    ]
    assert said_by_deploy(tmp_path / "prefect.yaml") == said[1:]
    said_by_deploy(is_reset=True)


def test_what_people_changed_stays_and_is_named_while_our_changes_arrive(api, tmp_path):
    api.patch("work_pools/gpu", {"concurrency_limit": 7})
    api.patch("work_pools/render", {"is_paused": True})
    api.patch(f"automations/{automation(api)['id']}", {"enabled": False})
    looking = deployment(api, "new-backgrounds/look-for-photos")
    api.post(f"deployments/{looking['id']}/schedules", [SCHEDULE])
    table = deployment(api, "sweep/grid-to-table")
    api.post(f"deployments/{table['id']}/schedules", [{"schedule": {"cron": "0 3 * * *"}, "active": False}])
    change(api, "augment/photos-to-report", description="Ask first.", paused=True)
    change(api, "sweep/grid-to-table", tags=["night"], concurrency_limit=3)
    change(api, "train/network-from-artifacts", job_variables={"env": {"A": "1"}}, parameters={"order": {}})

    content = yaml.safe_load(PREFECT_FILE.read_text())
    content["work_pools"]["gpu"] |= {"concurrency_limit": 2, "description": "Two GPUs"}
    augment, sweep = content["deployments"][:2]
    augment["tags"] = ["verisim", "run", "new"]
    augment["triggers"][0]["description"] = "New words."
    sweep["description"] = "New words too."
    (tmp_path / "prefect.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    said = said_by_deploy(tmp_path / "prefect.yaml")

    pool = api.get("work_pools/gpu")
    assert (pool["concurrency_limit"], pool["description"]) == (7, "Two GPUs")
    assert api.get("work_pools/render")["is_paused"]
    now = automation(api)
    assert (now["enabled"], now["description"]) == (False, "New words.")
    (schedule,) = deployment(api, "new-backgrounds/look-for-photos")["schedules"]
    assert (schedule["active"], schedule["slug"]) == (False, "room")
    now = deployment(api, "augment/photos-to-report")
    assert (now["description"], now["paused"]) == ("Ask first.", True)
    assert now["tags"] == ["verisim", "run", "new"]
    now = deployment(api, "sweep/grid-to-table")
    assert (now["tags"], now["global_concurrency_limit"]["limit"]) == (["night"], 3)
    assert now["description"] == "New words too."
    assert [schedule["active"] for schedule in now["schedules"]] == [False]
    now = deployment(api, "train/network-from-artifacts")
    assert (now["job_variables"], now["parameters"]) == ({"env": {"A": "1"}}, {"order": {}})
    assert said[-1] == (
        "left as changed on the server: pool render: is_paused; pool gpu: concurrency_limit; "
        "augment/photos-to-report: description; augment/photos-to-report: paused; "
        "automation new backgrounds: enabled; sweep/grid-to-table: tags; sweep/grid-to-table: concurrency_limit; "
        "train/network-from-artifacts: parameters; train/network-from-artifacts: job_variables. "
        "`python -m flows deploy --reset` undoes it"
    )


def test_a_reset_brings_our_values_back_and_leaves_schedules(api):
    said_by_deploy(is_reset=True)
    assert "left as changed" not in " ".join(said_by_deploy())
    assert api.get("work_pools/gpu")["concurrency_limit"] == 1
    assert not api.get("work_pools/render")["is_paused"] and automation(api)["enabled"]
    now = deployment(api, "sweep/grid-to-table")
    assert (now["tags"], now["global_concurrency_limit"]["limit"]) == (["verisim", "sweep"], 1)
    assert not deployment(api, "augment/photos-to-report")["paused"]
    assert len(deployment(api, "new-backgrounds/look-for-photos")["schedules"]) == 1


def test_an_automation_that_people_removed_stays_away(api):
    api.delete(f"automations/{automation(api)['id']}")
    said = said_by_deploy()
    assert api.post("automations/filter", {}) == []
    assert "automation new backgrounds: removed or renamed" in said[-1]
    said_by_deploy(is_reset=True)
    assert automation(api)["enabled"]


@pytest.mark.parametrize("kind", ["docker", "process"])
def test_a_pool_of_others_is_left_alone_and_a_prefix_gives_ours_another_name(api, kind, monkeypatch):
    monkeypatch.setenv("VERISIM_POOL_PREFIX", f"{kind}-")
    theirs = {"name": f"{kind}-gpu", "type": kind, "description": "Not yours", "concurrency_limit": 5}
    before = api.post("work_pools/", theirs)
    # To a server that has seen no deploy.
    variable = api.post("variables/filter", {})[0]
    api.patch(f"variables/{variable['id']}", {"value": {}})
    try:
        with pytest.raises(
            ValueError, match=f"has a work pool '{kind}-gpu' of its own .type {kind}, 'Not yours'"
        ):
            deploy()
        assert api.get(f"work_pools/{kind}-gpu") == before
        assert api.post("work_pools/count", {"work_pools": {"name": {"any_": [f"{kind}-render"]}}}) == 0
        monkeypatch.setenv("VERISIM_POOL_PREFIX", f"verisim-{kind}-")
        deploy(is_reset=True)
        assert api.get(f"work_pools/verisim-{kind}-gpu")["concurrency_limit"] == 1
        assert deployment(api, "train/network-from-artifacts")["work_pool_name"] == f"verisim-{kind}-gpu"
    finally:
        monkeypatch.delenv("VERISIM_POOL_PREFIX")
        api.patch(f"variables/{variable['id']}", {"value": variable["value"]})
        deploy(is_reset=True)


def test_a_deployment_of_a_former_name_is_replaced_with_what_people_set_there(api):
    new, reaction = deployment(api, "augment/photos-to-report"), automation(api)
    api.delete(f"automations/{reaction['id']}")
    api.delete(f"deployments/{new['id']}")
    fields = ("flow_id", "entrypoint", "pull_steps", "work_pool_name", "job_variables", "tags", "parameters")
    former = {field: new[field] for field in fields} | {"name": "render", "concurrency_limit": 4}
    former = api.post("deployments/", former | {"schedules": [SCHEDULE], "paused": True})
    owner = f"prefect.deployment.{former['id']}"
    parts = {field: reaction[field] for field in ("name", "description", "trigger")}
    actions = [reaction["actions"][0] | {"deployment_id": former["id"]}]
    api.post("automations/", parts | {"enabled": False, "owner_resource": owner, "actions": actions})
    api.post("deployments/", {"name": "gpu", "flow_id": new["flow_id"], "entrypoint": "theirs.py:flow"})
    going_on = api.post(
        f"deployments/{former['id']}/create_flow_run",
        {"enforce_parameter_schema": False, "state": {"type": "RUNNING"}},
    )

    said = " ".join(said_by_deploy())
    assert (
        "augment/photos-to-report made; augment/render, its former name, has runs that are not over" in said
    )
    now = deployment(api, "augment/photos-to-report")
    assert now["paused"] and now["global_concurrency_limit"]["limit"] == 4
    (schedule,) = now["schedules"]
    assert (schedule["slug"], schedule["active"]) == ("room", False)
    assert deployment(api, "augment/render")["schedules"] == []
    only = automation(api)
    assert not only["enabled"] and only["actions"][0]["deployment_id"] == now["id"]

    api.post(f"flow_runs/{going_on['id']}/set_state", {"state": {"type": "COMPLETED"}, "force": True})
    change(api, "augment/photos-to-report", paused=False)
    assert "augment/photos-to-report is up to date; it takes the place of augment/render" in said_by_deploy()
    assert not deployment(api, "augment/photos-to-report")["paused"]
    names = {item["name"] for item in api.post("deployments/filter", {}) if item["flow_id"] == new["flow_id"]}
    assert names == {"photos-to-report", "gpu"}  # another entrypoint: not ours


def test_pools_of_kubernetes_jobs_get_their_template_and_what_people_change_in_it_stays(api, monkeypatch):
    monkeypatch.setenv("VERISIM_POOL_PREFIX", "k8s-")
    kinds = PROJECT_ROOT / "docker" / "pools" / "kubernetes.yaml"
    said = said_by_deploy(pools=kinds, is_reset=True)
    assert said[:2] == ["pool k8s-render made", "pool k8s-gpu made"]
    pool = api.get("work_pools/k8s-gpu")
    assert (pool["type"], pool["concurrency_limit"]) == ("kubernetes", 1)
    now = deployment(api, "train/network-from-artifacts")
    assert (now["work_pool_name"], now["job_variables"]) == ("k8s-gpu", {})
    assert {line.partition(" ")[2] for line in said_by_deploy(pools=kinds)} == {"is up to date"}

    template = pool["base_job_template"]
    template["variables"]["properties"]["image"]["default"] = "registry/verisim-gpu:2"
    api.patch("work_pools/k8s-gpu", {"base_job_template": template})
    assert "pool gpu: base_job_template" in said_by_deploy(pools=kinds)[-1]
    assert api.get("work_pools/k8s-gpu")["base_job_template"] == template

    with pytest.raises(
        ValueError, match=r"'k8s-render' at .* is of the type kubernetes, not process: name the file"
    ):
        said_by_deploy()
    monkeypatch.delenv("VERISIM_POOL_PREFIX")
    said_by_deploy(is_reset=True)
    assert deployment(api, "train/network-from-artifacts")["work_pool_name"] == "gpu"


def test_a_notification_block_that_is_not_there_is_named_with_how_to_make_one(api):
    with pytest.raises(ValueError, match=r"has no block 'slack-webhook/nobody'; make one under Blocks"):
        said_by_deploy(notify="slack-webhook/nobody")
