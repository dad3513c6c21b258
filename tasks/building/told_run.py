"""Tells of a run what its page shows."""

from typing import Any

from tasks.building.run_context import Run
from tasks.building.run_facts import RunFacts


def tell_run(run: Run) -> RunFacts:
    """What became of the run so far."""
    return RunFacts(
        name=run.name,
        started=run.started,
        counts={state: run.count(state) for state in ("built", "reused", "failed")},
        artifacts=_artifact_rows(run),
        lineage=_lineage(run),
    )


def _artifact_rows(run: Run) -> list[dict[str, Any]]:
    """Every artifact of the run, with the seconds that its building once took."""
    rows = []
    for outcome in run.outcomes:
        manifest = run.store.manifest(outcome.key)
        seconds = manifest.seconds if manifest else outcome.seconds
        rows.append(
            {
                "label": outcome.label,
                "kind": outcome.kind,
                "key": outcome.key[:12],
                "state": outcome.state,
                "seconds": seconds,
                "megabytes": outcome.num_bytes / 1e6,
            }
        )
    return rows


def _lineage(run: Run) -> list[dict[str, str]]:
    """What each kind of artifact of the run was made from."""
    kinds = {outcome.key: outcome.kind for outcome in run.outcomes}
    made_from: dict[str, set[str]] = {}
    for key, kind in kinds.items():
        manifest = run.store.manifest(key)
        sources = {
            kinds.get(source, "?")
            for keys in (manifest.input_keys if manifest else {}).values()
            for source in keys
        }
        made_from.setdefault(kind, set()).update(sources)
    return [
        {"kind": kind, "sources": ", ".join(sorted(sources)) or "outside"}
        for kind, sources in made_from.items()
    ]
