"""What the runs of a store came to, counted from their records: figures that only grow while a process counts."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tasks.artifacts.store import Store


@dataclass(frozen=True)
class LastRun:
    """The newest run of a name."""

    id: str
    started: float  # seconds since 1970
    seconds: float
    status: str
    steps: Mapping[str, int]  # by what became of them: built, reused, failed


@dataclass
class RunTallies:
    """A record that gc removes stays counted: a counter that falls looks like one that began anew."""

    _records: dict[str, dict[str, Any]] = field(default_factory=dict)

    def read(self, store: Store) -> None:
        """Look at all records again. StoreUnreachable where a bucket does not answer."""
        for run, text in store.records().items():
            try:
                self._records[run] = _digest(json.loads(text))
            except (ValueError, KeyError, TypeError):
                continue  # a damaged record counts for nothing

    def runs(self) -> Counter[str]:
        """How many ended how: completed, failed, interrupted, or are running as far as their record says."""
        return Counter(record["status"] for record in self._records.values())

    def steps(self) -> Counter[tuple[str, str]]:
        """By kind of artifact and by what became of it."""
        return _sum(record["steps"] for record in self._records.values())

    def seconds(self) -> Counter[str]:
        """Spent on building, by kind of artifact."""
        return _sum(record["seconds"] for record in self._records.values())

    def last_runs(self) -> dict[str, LastRun]:
        """By name."""
        newest: dict[str, LastRun] = {}
        for run, record in sorted(self._records.items(), key=lambda item: item[1]["started"]):
            states: Counter[str] = Counter()
            for (_, state), count in record["steps"].items():
                states[state] += count
            seconds = record["ended"] - record["started"]
            newest[record["name"]] = LastRun(run, record["started"], seconds, record["status"], states)
        return newest


def _digest(record: dict[str, Any]) -> dict[str, Any]:
    """Of a record only what is counted: a store may hold thousands."""
    steps: Counter[tuple[str, str]] = Counter()
    seconds: Counter[str] = Counter()
    for item in record["artifacts"]:
        steps[item["kind"], item["state"]] += 1
        if item["state"] == "built":
            seconds[item["kind"]] += item["seconds"]
    times = {"started": record["started"], "ended": record["ended"]}
    return {"name": record["run"], "status": record["status"], "steps": steps, "seconds": seconds} | times


def _sum(counters: Any) -> Counter[Any]:
    total: Counter[Any] = Counter()
    for counter in counters:
        total.update(counter)
    return total
