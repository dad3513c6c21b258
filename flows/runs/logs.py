"""What a run on a worker logs in Prefect: each artifact that is built or fails, with run, site, key and what to do."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tasks.building.run_context import Outcome
from tasks.sites.site_versions import PREFIX, is_stored

_KEY_LENGTH = len(PREFIX) + 12
_GO_ON = "everything finished is kept: mend this, then retry the run, or submit its configuration again"


def describe_run(name: str, config: Mapping[str, Any]) -> str:
    """The run and its site in a few words, from a run's, a sweep's or a training's recorded configuration."""
    if "wanted_by" in config:
        return f"{name} for {config['wanted_by'] or 'a person'}"
    if site := site_of(config):
        return f"run {name}, site {site}"
    is_sample = config.get("base", config).get("sample_site") is not None
    return f"run {name}, sample site" if is_sample else f"run {name}"


def site_of(config: Mapping[str, Any]) -> str | None:
    """The folder of the site's file, or the beginning of the key of a watched site's version; None without a site."""
    if site := config.get("base", config).get("site"):
        # A sweep keeps its base's place as it is written.
        return site[:_KEY_LENGTH] if is_stored(site) else (Path(config.get("folder", "")) / site).parent.name
    return None


def log_outcomes(run: str) -> Callable[[Outcome], None]:
    """A `watch` for a run that `describe_run` described. What is reused shows in the states of the steps."""

    logger = logging.getLogger("verisim.outcomes")
    logger.setLevel(logging.INFO)

    def watch(outcome: Outcome) -> None:
        if outcome.state == "built":
            size = f"{outcome.num_bytes / 1e6:.2f} MB"
            logger.info(
                "built %s as %s in %.1f s, %s (%s)",
                outcome.label,
                outcome.key[:12],
                outcome.seconds,
                size,
                run,
                extra=_fields(outcome) | {"seconds": round(outcome.seconds, 1)},
            )
        elif outcome.state == "failed":
            logger.error(
                "%s failed: %s (%s); %s",
                outcome.label,
                outcome.reasons[0],
                run,
                _GO_ON,
                extra=_fields(outcome),
            )

    return watch


def _fields(outcome: Outcome) -> dict[str, str]:
    """For logs as JSON."""
    return {"step": outcome.label, "kind": outcome.kind, "key": outcome.key, "state": outcome.state}
