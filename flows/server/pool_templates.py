"""Work pools of other kinds than processes: what each run's container or Kubernetes job is like.

Prefect's own template of the kind, as the server has it, with a file's defaults for its variables and additions to its job.
"""

import copy
import os
import re
from pathlib import Path
from typing import Any, Literal

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from pydantic import BaseModel, ConfigDict, ValidationError

from blender_assets.both_sides.yaml_reading import read_yaml
from flows.configuration.mistakes import explain_mistakes
from flows.server.api import ServerApi
from flows.server.pools import POOLS, PREFIX_VARIABLE

PoolType = Literal["process", "docker", "kubernetes"]
_VIEW = "collections/views/aggregate-worker-metadata"
_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")


class PoolSettings(BaseModel):
    """One pool of a values file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: PoolType
    # what a run has where its deployment says nothing else, by the names of the kind's own form: image, env, volumes, ...
    job_variables: dict[str, Any] = {}
    # what the form has no field for, merged into the kind's job; items of lists are merged by their place
    job_configuration: dict[str, Any] = {}


_PROCESS = PoolSettings(type="process")


def read_pools(path: Path | None) -> dict[str, PoolSettings]:
    """Every pool's settings; of processes where the file, or None, says nothing. ValueError names the field."""
    found = {} if path is None else read_yaml(path)
    if not isinstance(found, dict) or set(found) - set(POOLS):
        said = ", ".join(map(str, found)) if isinstance(found, dict) else type(found).__name__
        raise ValueError(f"{path}: a file of pools has the keys {' and '.join(POOLS)}, but has {said}")
    return {pool: _read_pool(path, pool, found[pool]) if pool in found else _PROCESS for pool in POOLS}


def _read_pool(path: Path | None, pool: str, settings: Any) -> PoolSettings:
    try:
        return PoolSettings.model_validate(settings)
    except ValidationError as error:
        raise ValueError(f"{path}: {pool}: {'; '.join(explain_mistakes(error))}") from None


def base_job_template(api: ServerApi, pool: str, settings: PoolSettings) -> dict[str, Any]:
    """What the pool has on the server. ValueError for variables that its kind does not have, or of another form."""
    template = copy.deepcopy(_template_of_kind(api, settings.type))
    properties = template["variables"]["properties"]
    for name, value in _with_prefix(settings).items():
        if name not in properties:
            raise ValueError(
                f"{pool}.job_variables.{name}: a pool of the type {settings.type} has no such variable, only "
                f"{', '.join(sorted(properties))}; what else its jobs need goes into job_configuration"
            )
        _check(f"{pool}.job_variables.{name}", value, properties[name], template["variables"])
        properties[name]["default"] = value
    merged = _merge(template["job_configuration"], settings.job_configuration)
    unknown = sorted(set(_PLACEHOLDER.findall(str(merged))) - set(properties))
    if unknown:
        raise ValueError(
            f"{pool}.job_configuration: {{{{ {unknown[0]} }}}} is no variable of a pool of the type {settings.type}; "
            f"there are {', '.join(sorted(properties))}"
        )
    return template | {"job_configuration": merged}


def _template_of_kind(api: ServerApi, kind: str) -> dict[str, Any]:
    kinds = {name: worker for package in api.get(_VIEW).values() for name, worker in package.items()}
    if kind not in kinds:
        raise ValueError(
            f"the server at {api.url} knows no workers of the type {kind}, only {', '.join(sorted(kinds))}; "
            "update it to the version in pyproject.toml"
        )
    return kinds[kind]["default_base_job_configuration"]


def _with_prefix(settings: PoolSettings) -> dict[str, Any]:
    """A run looks for the pools under the names that they have here."""
    prefix = os.environ.get(PREFIX_VARIABLE)
    if not prefix:
        return settings.job_variables
    return settings.job_variables | {"env": {PREFIX_VARIABLE: prefix} | settings.job_variables.get("env", {})}


def _check(name: str, value: Any, schema: dict[str, Any], whole: dict[str, Any]) -> None:
    definitions = {key: whole[key] for key in ("definitions", "$defs") if key in whole}
    error = best_match(Draft202012Validator(schema | definitions).iter_errors(value))
    if error is not None:
        raise ValueError(f"{name}: {error.message}")


def _merge(base: Any, added: Any) -> Any:
    """Mappings by key, lists by place, and of anything else what was added."""
    if isinstance(base, dict) and isinstance(added, dict):
        return base | {
            key: _merge(base[key], value) if key in base else value for key, value in added.items()
        }
    if isinstance(base, list) and isinstance(added, list):
        both = [_merge(before, after) for before, after in zip(base, added, strict=False)]
        return both + base[len(both) :] + added[len(both) :]
    return added
