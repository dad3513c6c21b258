"""Finding artifacts and runs by what a person types: the first digits of a key, the name of a run."""

import json
from typing import Any

from tasks.artifacts.manifest import Manifest
from tasks.artifacts.store import Store


def find_artifact(store: Store, key: str) -> Manifest:
    """The artifact whose key starts with these digits; ValueError where it is not exactly one."""
    found = [manifest for manifest in store.manifests() if manifest.key.startswith(key)]
    if len(found) != 1:
        what = "no artifact has" if not found else f"{len(found)} artifacts have"
        raise ValueError(f"{what} a key that starts with {key!r}; `artifacts ls` lists the keys")
    return found[0]


def run_records(store: Store, name: str) -> list[dict[str, Any]]:
    """The records of all runs of this name, newest first; ValueError where there is none."""
    records = all_records(store)
    found = [record for record in records if record["run"] == name]
    if not found:
        known = ", ".join(sorted({record["run"] for record in records})) or "none"
        raise ValueError(f"the store has no run {name!r}; its runs are: {known}")
    return found


def all_records(store: Store) -> list[dict[str, Any]]:
    """The records of all runs, newest first, each with its `id`: the name of its file in the folder `runs`."""
    paths = (store.root / "runs").glob("*.json")
    records = [json.loads(path.read_text()) | {"id": path.stem} for path in paths]
    return sorted(records, key=lambda record: record["started"], reverse=True)
