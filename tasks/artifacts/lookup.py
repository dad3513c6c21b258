"""Finding artifacts and runs by what a person types: the first digits of a key, the name of a run."""

import json
from typing import Any

from tasks.artifacts.manifest import Manifest
from tasks.artifacts.store import Store


def find_artifact(store: Store, key: str) -> Manifest:
    """The artifact whose key starts with these digits, or with this tag; ValueError where it is not exactly one."""
    wanted = without_tag(store, key)
    keys = [each for each in store.artifact_keys() if each.startswith(wanted)]
    found = [manifest for each in keys if (manifest := store.manifest(each))]
    if len(found) != 1:
        what = "no artifact has" if not found else f"{len(found)} artifacts have"
        raise ValueError(f"{what} a key that starts with {key!r}; `artifacts ls` lists the keys")
    return found[0]


def run_records(store: Store, name: str) -> list[dict[str, Any]]:
    """The records of all runs of this name or tag, newest first; ValueError where there is none."""
    records, wanted = all_records(store), without_tag(store, name)
    found = [record for record in records if wanted in (record["run"], record["id"])]
    if not found:
        known = ", ".join(sorted({record["run"] for record in records})) or "none"
        raise ValueError(f"the store has no run {name!r}; its runs are: {known}")
    return found


def all_records(store: Store) -> list[dict[str, Any]]:
    """The records of all runs, newest first, each with its `id`: the name of its file in the folder `runs`."""
    records = [json.loads(text) | {"id": run} for run, text in store.records().items()]
    return sorted(records, key=lambda record: record["started"], reverse=True)


def without_tag(store: Store, text: str) -> str:
    """The run's id or the artifact's key that is tagged so; `text` itself where it is no tag."""
    content = store.tags().get(text)
    tag = json.loads(content) if content else {}
    return tag.get("run") or tag.get("key") or text
