"""What a page tells of the run that wrote it, as plain values: pages know no store and no process."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class RunFacts:
    """A run by its end. `started`: seconds since 1970; `counts`: artifacts by what became of them.

    `artifacts`: label, kind, key, state, seconds (that building it once took) and megabytes of each. `lineage`: of each
    kind, from which others its artifacts were made.
    """

    name: str
    started: float
    counts: dict[str, int]
    artifacts: list[dict[str, Any]]
    lineage: list[dict[str, str]]

    def made(self) -> str:
        """How many artifacts were built, were found, or failed, in words."""
        return ", ".join(f"{state} {count}" for state, count in self.counts.items())
