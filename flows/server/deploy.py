"""Puts the pools, deployments and automations of prefect.yaml on the server that Prefect's settings name, and a
deployment for every other pipeline.

What people changed there stays as it is; `flows/server/last_deployed.py` knows it.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blender_assets.both_sides.child_protocol import claim_stdout, exit_when_stdin_closes
from blender_assets.both_sides.yaml_reading import read_yaml
from flows.pipelines.registry import each_pipeline
from flows.server.api import ServerApi
from flows.server.embedded_server import wait_for_api
from flows.server.last_deployed import LastDeployed
from flows.server.pool_templates import PoolSettings, PoolType, base_job_template, read_pools
from flows.server.pools import pool_name
from flows.server.rehearsal import RehearsedApi
from tasks.artifacts.code_version import PROJECT_ROOT

PREFECT_FILE = PROJECT_ROOT / "prefect.yaml"
LEFT = "left as changed on the server"  # begins the line that `flows up` shows too


@dataclass(frozen=True)
class OwnPool:
    """A pool as it is to be on the server: the fields of its own that people may change there."""

    name: str
    type: PoolType
    settings: dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """What is to be on the server: the deployments and pools of `path`, these of the kinds that the file `pools` says (see
    `PoolSettings`), and where `notify` names a notification block, TYPE/NAME, automations that tell people of failures.
    """

    path: Path = PREFECT_FILE
    pools: Path | None = None
    notify: str | None = None


def deploy(
    say: Callable[[str], None] = print,
    *,
    is_reset: bool = False,
    is_rehearsed: bool = False,
    wanted: Wanted = Wanted(),
) -> None:
    """Apply the whole file, and say what was left as people changed it; `is_reset` undoes their changes instead.

    With `is_rehearsed` it says the same and writes nothing. ValueError where a pool of the same name is not ours, before
    anything is changed.
    """
    from flows.server.deployed_flows import put_deployment, remove_former_flows
    from flows.server.notifications import put_notifications

    wait_for_api()
    api = RehearsedApi() if is_rehearsed else ServerApi()
    content, kinds = read_yaml(wanted.path), read_pools(wanted.pools)
    if is_rehearsed:
        say(f"what a deploy would do at {api.url}; nothing is written")
    last = LastDeployed(api, is_reset=is_reset)
    pools = {
        name: OwnPool(name, kinds[name].type, settings | _template(api, name, kinds[name]))
        for name, settings in content["work_pools"].items()
    }
    theirs = {name: _find_pool(api, last, pool) for name, pool in pools.items()}
    try:
        for name, pool in pools.items():
            if what := _put_pool(api, last, pool, theirs[name]):
                say(f"pool {pool_name(name)} {what}")
        for item in _list_deployments(content):
            say(put_deployment(api, last, _in_its_pool(item, kinds)))
        told = [] if wanted.notify is None else put_notifications(api, last, wanted.notify)
        for line in (*remove_former_flows(api), *told):
            say(line)
    finally:
        last.save()
    if last.kept:
        say(f"{LEFT}: {'; '.join(last.kept)}. `python -m flows deploy --reset` undoes it")


def _list_deployments(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Those of prefect.yaml, and one for the runs of every pipeline that has none there."""
    from flows.server.deployed_flows import deployment_of

    written = content["deployments"]
    there = {item["entrypoint"] for item in written}
    rest = [pipeline for pipeline in each_pipeline() if pipeline.flow not in there]
    return [*written, *(deployment_of(pipeline, content["definitions"]["process"]) for pipeline in rest)]


def _template(api: ServerApi, name: str, kind: PoolSettings) -> dict[str, Any]:
    """A process needs no more than its worker has, so that its template is left to the server."""
    return {} if kind.type == "process" else {"base_job_template": base_job_template(api, name, kind)}


def _in_its_pool(item: dict[str, Any], kinds: Mapping[str, PoolSettings]) -> dict[str, Any]:
    """What a process is started by is nothing to a container: its worker does not share its fate."""
    pool = item["work_pool"]
    return (
        item if kinds[pool["name"]].type == "process" else item | {"work_pool": pool | {"job_variables": {}}}
    )


def _find_pool(api: ServerApi, last: LastDeployed, wanted: OwnPool) -> dict[str, Any] | None:
    """The pool on the server, None where there is none; ValueError where it is somebody else's, or of another kind."""
    on_server = pool_name(wanted.name)
    found = api.post("work_pools/filter", {"work_pools": {"name": {"any_": [on_server]}}})
    if not found:
        return None
    (pool,) = found
    ours = {"work_pools": {"name": {"any_": [on_server]}}, "deployments": {"tags": {"all_": ["verisim"]}}}
    is_ours = (
        last.knows(f"pool {wanted.name}")
        or pool["description"] == wanted.settings["description"]
        or api.post("deployments/count", ours) > 0
    )
    if is_ours and pool["type"] != wanted.type:
        raise ValueError(
            f"the pool {on_server!r} at {api.url} is of the type {pool['type']}, not {wanted.type}: name the "
            "file that it was made by as --pools; or delete it on the server, or set VERISIM_POOL_PREFIX for a new one"
        )
    if not is_ours:
        raise ValueError(
            f"the server at {api.url} has a work pool {on_server!r} of its own (type {pool['type']}, "
            f"{pool['description'] or 'no description'!r}), which is left alone: set VERISIM_POOL_PREFIX=verisim- for "
            "deploy, workers and runs, so that ours are called verisim-render and verisim-gpu, or use another server"
        )
    return pool


def _put_pool(api: ServerApi, last: LastDeployed, pool: OwnPool, theirs: dict[str, Any] | None) -> str:
    """Make the pool, or change what is ours to change; what became of it, empty where it is as it was."""
    from prefect.workers.process import ProcessWorker

    name = pool.name
    place = f"work_pools/{pool_name(name)}"
    ours = {"concurrency_limit": None, "is_paused": False} | pool.settings
    if theirs is None:
        template = {"base_job_template": ProcessWorker.get_default_base_job_template()}
        body = {"name": pool_name(name), "type": pool.type} | template
        try:
            api.post("work_pools/", body | ours)
        except ValueError as error:
            if "already exists" not in str(error):
                raise
            api.patch(place, ours)  # a worker that began at the same time has just made it
        what = "made"
    else:
        changes = last.changes(f"pool {name}", ours, theirs)
        if changes:
            api.patch(place, changes)
        what = f"changed: {', '.join(changes)}" if changes else ""
    last.note(f"pool {name}", ours, api.get(place))
    return what


def _main() -> int:
    """The child of `flows up`."""
    exit_when_stdin_closes()
    claim_stdout()
    try:
        deploy(lambda line: print(line, file=sys.stderr))
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(_main())
