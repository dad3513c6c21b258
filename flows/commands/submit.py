"""`python -m flows submit`: send a run or a sweep to the deployments of a server, and follow it to its end."""

import contextlib
import json
import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.configuration.result_pages import sweep_page
from flows.configuration.run import RunSettings
from flows.pipelines.loading import load_run
from flows.pipelines.pipeline import Pipeline
from flows.pipelines.registry import each_pipeline
from flows.server.api import ServerApi
from flows.server.followed_run import FollowedRun
from flows.server.found_run import short_id
from flows.sweeps.config import SweepConfig, is_sweep, list_points, load_sweep
from flows.sweeps.text_table import print_table

SUCCEEDED, FAILED, INTERRUPTED = 0, 1, 130
SWEEP = "sweep/grid-to-table"
# What Prefect and Python put in front of a message that is one already.
_PREFIX = re.compile(r"^Flow run encountered an exception: (?:ValueError: |StepFailed: )?")
_EXIT_CODES = {"COMPLETED": SUCCEEDED, "CANCELLED": INTERRUPTED}


@dataclass(frozen=True)
class Order:
    """A run to be sent: its deployment, its name, its one parameter, and what it leaves where, in a word and a path."""

    deployment: str
    name: str
    config: dict[str, Any]
    result: str
    page: Path


def submit(path: Path, overrides: list[str], *, is_detached: bool) -> int:
    """Check the configuration, send it and follow it; returns the exit code that `run` or `sweep` would."""
    order = sweep_order(path, overrides) if is_sweep(path) else run_order(path, overrides)
    api = ServerApi()
    run_id = send(api, order)
    print(f"sent {order.name} to {order.deployment}: {api.ui_url}/runs/flow-run/{run_id}", flush=True)
    return SUCCEEDED if is_detached else follow(api, run_id, order)


def run_order(path: Path, overrides: list[str]) -> Order:
    """Of one run; its places are absolute, so that they mean the same to the worker."""
    pipeline, config = load_run(path, overrides)
    pipeline.require_run(config)
    pipeline.check([config])
    config = config.model_copy(update={"store": absolute(config.store), "output": absolute(config.output)})
    return _order(pipeline, config.name, config)


def sweep_order(path: Path, overrides: list[str]) -> Order:
    """Of a sweep, likewise; its store and output become its last overrides."""
    config = load_sweep(path, overrides)
    points = list_points(config)
    config.pipeline().check([point.config for point in points])
    shared = points[0].config
    places = {"store": absolute(shared.store), "output": absolute(shared.output)}
    config = load_sweep(
        path, [*overrides, *(f"{name}={json.dumps(place)}" for name, place in places.items())]
    )
    page = sweep_page(shared.model_copy(update=places))
    return Order(SWEEP, config.name, as_parameter(config), "table", page)


def order_of(api: ServerApi, run: dict[str, Any]) -> Order | None:
    """What a run or a sweep that is on the server was sent as; None for another flow's, or where no page is known."""
    flow = api.get(f"flows/{run['flow_id']}")["name"]
    config = run["parameters"].get("config")
    with contextlib.suppress(ValueError):  # an older version's configuration
        if flow == SWEEP.partition("/")[0]:
            points = list_points(SweepConfig.model_validate(config))
            return Order(SWEEP, run["name"], config, "table", sweep_page(points[0].config))
        for pipeline in each_pipeline():
            if flow == pipeline.deployment.partition("/")[0]:
                return _order(pipeline, run["name"], pipeline.config.model_validate(config))
    return None


def _order(pipeline: Pipeline[Any], name: str, config: RunSettings) -> Order:
    return Order(pipeline.deployment, name, as_parameter(config), pipeline.result, pipeline.page(config))


def absolute(place: str) -> str:
    """A place relative to the working folder as an absolute one; an address like s3://bucket stays."""
    return place if "://" in place else str(Path(place).resolve())


def as_parameter(config: RunSettings | SweepConfig) -> dict[str, Any]:
    """JSON from which the flow reads an equal configuration."""
    return config.model_dump(mode="json", by_alias=True)


def send(api: ServerApi, order: Order) -> str:
    """Create the run; its id. ValueError where the server has no such deployment, or refuses the configuration."""
    deployment = find_deployment(api, order.deployment)
    # With a key of its own the run is made once, also where a busy server had to be asked again.
    body = {
        "name": order.name,
        "parameters": {"config": order.config},
        "idempotency_key": str(uuid.uuid4()),
    }
    return api.post(f"deployments/{deployment['id']}/create_flow_run", body)["id"]


def find_deployment(api: ServerApi, name: str) -> dict[str, Any]:
    """By its name FLOW/DEPLOYMENT; ValueError where there is none, or where the server is of another Prefect."""
    flow, _, deployment = name.partition("/")
    names = {"flows": {"name": {"any_": [flow]}}, "deployments": {"name": {"any_": [deployment]}}}
    found = api.post("deployments/filter", names)
    if not found:
        raise ValueError(
            f"the server at {api.url} has no deployment {name}; put them there with `python -m flows deploy`"
        )
    return found[0]


def follow(api: ServerApi, run_id: str, order: Order | None = None) -> int:
    """Say what becomes of a run until it ends; Ctrl-C leaves it running. Returns its exit code."""
    followed = FollowedRun(api, run_id)
    try:
        run = followed.until_its_end()
    except KeyboardInterrupt:
        print(
            f"\nno longer followed; the run goes on. Follow it again: python -m flows follow {short_id(run_id)}; "
            f"cancel it: python -m flows cancel {short_id(run_id)}"
        )
        return INTERRUPTED
    is_completed = run["state_type"] == "COMPLETED"
    if order and order.deployment == SWEEP:
        _print_table(order.page.with_name("table.json"))
    print(_page_line(order) if is_completed else _ending(run, followed))
    if link := find_link(api, run_id):
        print(f"in a browser: {link}")
    print(f"{_made(run, followed)}, {run['total_run_time']:.0f} s")
    return _EXIT_CODES.get(run["state_type"], FAILED)


def _made(run: dict[str, Any], followed: FollowedRun) -> str:
    """What a completed run says of itself; of another one, what was heard of its steps."""
    if run["state_type"] == "COMPLETED" and run["state"]["message"]:
        return run["state"]["message"]
    built, reused, failed = (followed.count(state) for state in ("Built", "Cached", "Failed"))
    return f"built {built}, reused {reused}, failed {failed}"


def _page_line(order: Order | None) -> str:
    return "completed" if order is None else f"{order.result}: {order.page}"


def find_link(api: ServerApi, run_id: str) -> str | None:
    """Where browsers open the run's page, as its result in the UI says it; None where it does not."""
    from flows.runs.result_links import read_link

    wanted = {"flow_run_id": {"any_": [run_id]}, "key": {"any_": ["verisim-result", "verisim-sweep"]}}
    found = api.post("artifacts/filter", {"artifacts": wanted})
    links = (read_link(artifact["data"]) for artifact in found if isinstance(artifact["data"], str))
    return next((link for link in links if link), None)


def _print_table(path: Path) -> None:
    if path.is_file():  # the worker may run on another machine
        print_table(path)


def _ending(run: dict[str, Any], followed: FollowedRun) -> str:
    if run["state_type"] == "CANCELLED":
        return "cancelled: everything finished is kept; submit it again to go on"
    message = followed.first_failure() or _PREFIX.sub("", run["state"]["message"] or run["state_name"])
    return f"error: {message}; `python -m flows logs {short_id(run['id'])}` has the log"
