"""A deployment of prefect.yaml on the server, with its form, its automations and what a former name of it leaves."""

import hashlib
import importlib
import json
from typing import Any, get_type_hints

from prefect import Flow
from prefect.events.schemas.deployment_triggers import DeploymentTriggerTypes
from prefect.utilities.callables import parameter_schema
from pydantic import TypeAdapter

from flows.configuration.forms import describe_fields
from flows.pipelines.pipeline import Pipeline
from flows.server.api import ServerApi
from flows.server.automations import write_automation
from flows.server.last_deployed import LastDeployed
from flows.server.pools import pool_name

_FORMER_NAMES = ["render", "gpu"]  # of all deployments, until they were given names that tell them apart
_FORMER_FLOWS = ["train-refiner", "train-detector"]  # until one flow trained whatever is ordered
_TRIGGERS = TypeAdapter(DeploymentTriggerTypes)


def put_deployment(api: ServerApi, last: LastDeployed, item: dict[str, Any]) -> str:
    """Make it, or change what is ours to change; what became of it, in a line."""
    module, _, function = item["entrypoint"].partition(":")
    flow: Flow = getattr(importlib.import_module(module), function)
    name = f"{flow.name}/{item['name']}"
    ours, code = _settings(item), _code(flow, item)
    found = _find(api, flow.name, [item["name"]])
    is_new = not found
    if is_new:
        flow_id = api.post("flows/", {"name": flow.name})["id"]
        body = {"name": item["name"], "flow_id": flow_id, "enforce_parameter_schema": True}
        theirs = api.post("deployments/", body | ours | code)
        what = "made"
    else:
        theirs = found[0]
        changes = last.changes(name, ours, _settings_on_server(theirs))
        fields = list(changes)
        if theirs["version"] != code["version"]:
            changes |= code
            fields.append("code")
        if changes:
            # Its scheduled runs are made anew within a minute.
            api.patch(f"deployments/{theirs['id']}", changes)
        what = f"changed: {', '.join(fields)}" if fields else "is up to date"
    last.note(name, ours, _settings_on_server(api.get(f"deployments/{theirs['id']}")))
    for trigger in item.get("triggers", ()):
        _put_automation(api, last, trigger, theirs["id"], is_new=is_new)
    return "; ".join([f"{name} {what}", *_replace_former(api, flow.name, item, theirs["id"], is_new=is_new)])


def deployment_of(pipeline: Pipeline[Any], job_variables: dict[str, Any]) -> dict[str, Any]:
    """The deployment of a pipeline's runs, as prefect.yaml would have it."""
    example = f"**In the shell** `python -m flows submit {pipeline.example}`"
    return {
        "name": pipeline.deployment.partition("/")[2],
        "entrypoint": pipeline.flow,
        "description": f"{pipeline.about}\n\n{example}",
        "tags": ["verisim", "run", pipeline.name],
        "work_pool": {"name": "render", "job_variables": job_variables},
    }


def remove_former_flows(api: ServerApi) -> list[str]:
    """Deployments of ours whose flow is no more, where no run of theirs goes on; in words."""
    ours = {"flows": {"name": {"any_": _FORMER_FLOWS}}, "deployments": {"tags": {"all_": ["verisim"]}}}
    former = [item for item in api.post("deployments/filter", ours) if not _has_runs(api, item["id"])]
    for item in former:
        api.delete(f"deployments/{item['id']}")
    return [f"{item['name']} removed: its trainings are of the deployment train now" for item in former]


def _settings(item: dict[str, Any]) -> dict[str, Any]:
    """What people may change on the server."""
    limit = item.get("concurrency_limit")
    return {
        "description": item["description"],
        "tags": item["tags"],
        "parameters": item.get("parameters", {}),
        "paused": False,
        "work_pool_name": pool_name(item["work_pool"]["name"]),
        "job_variables": item["work_pool"]["job_variables"],
        "concurrency_limit": limit and limit["limit"],
        "concurrency_options": limit and {"collision_strategy": limit["collision_strategy"]},
    }


def _settings_on_server(deployment: dict[str, Any]) -> dict[str, Any]:
    """The same fields as the server has them."""
    limit = deployment["global_concurrency_limit"]
    return deployment | {"concurrency_limit": limit and limit["limit"]}


def _code(flow: Flow, item: dict[str, Any]) -> dict[str, Any]:
    """What follows from the code and is written whenever it differs; the version is a digest of it."""
    schema = parameter_schema(flow).model_dump(mode="json")
    code = {
        "entrypoint": item["entrypoint"],
        "pull_steps": [],
        "parameter_openapi_schema": describe_fields(schema, get_type_hints(flow.fn)),
    }
    return code | {"version": hashlib.sha256(json.dumps(code, sort_keys=True).encode()).hexdigest()[:12]}


def _find(api: ServerApi, flow: str, names: list[str]) -> list[dict[str, Any]]:
    chosen = {"flows": {"name": {"any_": [flow]}}, "deployments": {"name": {"any_": names}}}
    return api.post("deployments/filter", chosen)


def _put_automation(
    api: ServerApi, last: LastDeployed, trigger: dict[str, Any], deployment: str, *, is_new: bool
) -> None:
    """Make the automation that starts the deployment, or change what is ours to change. A removed one stays away."""
    specification = _TRIGGERS.validate_python(trigger)
    specification.set_deployment_id(deployment)  # type: ignore[arg-type]
    ours = specification.as_automation().model_dump(mode="json")
    if last.is_reset:
        api.delete(f"automations/owned-by/prefect.deployment.{deployment}")
    write_automation(api, last, ours, _automation(api, deployment, ours["name"]), is_new=is_new)


def _automation(api: ServerApi, deployment: str, name: str) -> dict[str, Any] | None:
    """The one of this name that has to do with the deployment."""
    related = api.get(f"automations/related-to/prefect.deployment.{deployment}")
    return next((item for item in related if item["name"] == name), None)


def _replace_former(
    api: ServerApi, flow: str, item: dict[str, Any], deployment: str, *, is_new: bool
) -> list[str]:
    """Bring what people set at the deployment's former name to a new one, and remove it where no run goes on; in words."""
    said = []
    for former in _find(api, flow, _FORMER_NAMES):
        if former["entrypoint"].rpartition(":")[2] != item["entrypoint"].rpartition(":")[2]:
            continue
        if is_new:
            _bring_settings(api, item, former, deployment)
        name = f"{flow}/{former['name']}"
        if _has_runs(api, former["id"]):
            said.append(f"{name}, its former name, has runs that are not over and goes with a later deploy")
        else:
            api.delete(f"deployments/{former['id']}")
            said.append(f"it takes the place of {name}")
    return said


def _has_runs(api: ServerApi, deployment: str) -> bool:
    """Whether runs of a deployment are not over."""
    going_on = {"state": {"type": {"any_": ["PENDING", "RUNNING", "PAUSED", "CANCELLING", "SCHEDULED"]}}}
    chosen = {"deployments": {"id": {"any_": [deployment]}}, "flow_runs": going_on}
    return api.post("flow_runs/count", chosen) > 0


def _bring_settings(api: ServerApi, item: dict[str, Any], former: dict[str, Any], deployment: str) -> None:
    """Schedules, pauses, limits, and what was switched off; the automations of the former name end."""
    ours, theirs = _settings(item), _settings_on_server(former)
    brought = ("paused", "parameters", "concurrency_limit")
    changes = {field: theirs[field] for field in brought if theirs[field] != ours[field]}
    if changes:
        api.patch(f"deployments/{deployment}", changes)
    fields = ("schedule", "active", "max_scheduled_runs", "parameters", "slug")
    for schedule in former["schedules"]:
        api.post(f"deployments/{deployment}/schedules", [{field: schedule[field] for field in fields}])
        api.delete(f"deployments/{former['id']}/schedules/{schedule['id']}")
    for trigger in item.get("triggers", ()):
        before, now = (_automation(api, owner, trigger["name"]) for owner in (former["id"], deployment))
        if before and now and not before["enabled"]:
            api.patch(f"automations/{now['id']}", {"enabled": False})
    api.delete(f"automations/owned-by/prefect.deployment.{former['id']}")
