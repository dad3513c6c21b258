"""What garbage collection keeps: runs that are remembered, what people tagged, and all that these were made from."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tasks.artifacts.manifest import Manifest
from tasks.artifacts.store import Store
from tasks.artifacts.tags import Tag, read_tags


@dataclass(frozen=True)
class Keeping:
    """`keep_last`: so many of the newest completed runs of every name, and as many of the others, None for all.

    Without `keep_tagged` all tags are removed.
    """

    keep_last: int | None = None
    keep_tagged: bool = True


@dataclass(frozen=True)
class Roots:
    """Keys to keep with all that they were made from; ids of runs and names of tags to forget."""

    keys: set[str]
    forgotten_runs: tuple[str, ...]
    forgotten_tags: tuple[str, ...]

    def forget(self, store: Store) -> None:
        store.delete_records(self.forgotten_runs)
        for name in self.forgotten_tags:
            store.delete_tag(name)


def choose_roots(store: Store, keeping: Keeping) -> Roots:
    """Without what living processes use. ValueError for a damaged record: what it keeps is unknown."""
    records = {run: _parse(store, run, text) for run, text in store.records().items()}
    tags = read_tags(store) if keeping.keep_tagged else []
    kept = _newest(records, keeping.keep_last) | ({tag.run for tag in tags if tag.run} & records.keys())
    of_runs = {artifact["key"] for run in kept for artifact in records[run]["artifacts"]}
    gone = [name for name in store.tags() if name not in {tag.name for tag in tags}]
    return Roots(of_runs | _tagged_keys(tags), tuple(records.keys() - kept), tuple(gone))


def reachable(find: Callable[[str], Manifest | None], roots: Iterable[str]) -> set[str]:
    """The keys of the roots and of all that they were made from."""
    live: set[str] = set()
    waiting = list(roots)
    while waiting:
        key = waiting.pop()
        if key in live:
            continue
        live.add(key)
        manifest = find(key)
        if manifest:
            waiting += [upstream for keys in manifest.input_keys.values() for upstream in keys]
    return live


def _newest(records: dict[str, dict[str, Any]], keep_last: int | None) -> set[str]:
    """Runs that were interrupted push no completed one out."""
    if keep_last is None:
        return set(records)
    groups: dict[tuple[str, bool], list[str]] = {}
    for run in sorted(records, key=lambda run: records[run]["started"]):
        groups.setdefault((records[run]["run"], records[run]["status"] == "completed"), []).append(run)
    return {run for runs in groups.values() for run in runs[-keep_last:]}


def _tagged_keys(tags: list[Tag]) -> set[str]:
    return {tag.key for tag in tags if tag.key}


def _parse(store: Store, run: str, text: str) -> dict[str, Any]:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ValueError(
            f"the run record {store.place}/runs/{run}.json is damaged; delete it, what only it reaches will be collected"
        ) from error
