"""Puts the pools and deployments of prefect.yaml on the server that PREFECT_API_URL names, new or changed."""

import importlib
import sys
from pathlib import Path
from typing import Any, get_type_hints

import yaml

from blender_assets.child_protocol import claim_stdout, exit_when_stdin_closes
from flows.embedded_server import wait_for_api
from flows.forms import describe_fields
from tasks.artifacts.code_version import PROJECT_ROOT

PREFECT_FILE = PROJECT_ROOT / "prefect.yaml"


def deploy() -> None:
    """Apply the whole file; RuntimeError when Prefect refuses some of it, which it has then printed."""
    from prefect.cli import app

    wait_for_api()
    apply_pools(read_pools(PREFECT_FILE))
    # Prefect's command as its users know it, without the seconds that a process of its own would cost.
    sys.argv = ["prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(PREFECT_FILE)]
    try:
        app()
    except SystemExit as end:
        if end.code:
            raise RuntimeError(f"the deployments of {PREFECT_FILE.name} could not be applied") from None
    describe_forms(PREFECT_FILE)


def read_pools(path: Path) -> dict[str, dict[str, Any]]:
    """The settings of every work pool in the file, by its name."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))["work_pools"]


def apply_pools(pools: dict[str, dict[str, Any]]) -> None:
    """Make each pool, of processes, or change it to what is written."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
    from prefect.exceptions import ObjectAlreadyExists
    from prefect.workers.process import ProcessWorker

    template = ProcessWorker.get_default_base_job_template()
    with get_client(sync_client=True) as client:
        for name, settings in pools.items():
            try:
                pool = WorkPoolCreate(name=name, type="process", base_job_template=template, **settings)
                client.create_work_pool(pool)
            except ObjectAlreadyExists:
                client.update_work_pool(name, WorkPoolUpdate(**{"concurrency_limit": None} | settings))


def describe_forms(path: Path) -> None:
    """Give every deployment's parameters the descriptions that their source has; Prefect knows those of classes only."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import DeploymentUpdate

    with get_client(sync_client=True) as client:
        for item in yaml.safe_load(path.read_text(encoding="utf-8"))["deployments"]:
            module, _, function = item["entrypoint"].partition(":")
            flow = getattr(importlib.import_module(module), function)
            deployment = client.read_deployment_by_name(f"{flow.name}/{item['name']}")
            assert deployment.parameter_openapi_schema is not None
            schema = describe_fields(deployment.parameter_openapi_schema, get_type_hints(flow.fn))
            client.update_deployment(deployment.id, DeploymentUpdate(parameter_openapi_schema=schema))


if __name__ == "__main__":
    exit_when_stdin_closes()
    claim_stdout()
    deploy()
