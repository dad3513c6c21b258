"""What a run on a worker logs in Prefect: each artifact that is built or fails, with run, site, key and what to do."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from prefect.exceptions import MissingContextError
from prefect.logging import get_logger, get_run_logger

from tasks.run_context import Outcome

_GO_ON = "everything finished is kept: mend this, then retry the run, or submit its configuration again"


def describe_run(name: str, config: Mapping[str, Any]) -> str:
    """The run and its site in a few words, from a run's, a sweep's or a training's recorded configuration."""
    content = config.get("base", config)
    if "wanted_by" in config:
        return f"{name} for {config['wanted_by'] or 'a person'}"
    if content.get("site"):
        return f"run {name}, site {Path(content['site']).parent.name}"
    return f"run {name}, sample site"


def log_outcomes(run: str) -> Callable[[Outcome], None]:
    """A `watch` for a run that `describe_run` described. What is reused shows in the states of the steps."""

    def watch(outcome: Outcome) -> None:
        try:
            logger = get_run_logger()
        except MissingContextError:  # a step that ends after its run
            logger = get_logger("verisim")
        if outcome.state == "built":
            size = f"{outcome.num_bytes / 1e6:.2f} MB"
            logger.info(
                "built %s as %s in %.1f s, %s (%s)",
                outcome.label,
                outcome.key[:12],
                outcome.seconds,
                size,
                run,
            )
        elif outcome.state == "failed":
            logger.error("%s failed: %s (%s); %s", outcome.label, outcome.reasons[0], run, _GO_ON)

    return watch
