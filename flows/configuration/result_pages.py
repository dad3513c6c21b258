"""Where a finished run or sweep leaves its page."""

from pathlib import Path

from flows.configuration.run import RunSettings


def report_page(config: RunSettings) -> Path:
    """The report of a run."""
    return Path(config.output) / config.name / "report" / "index.html"


def sweep_page(shared: RunSettings) -> Path:
    """The table of a sweep; `shared` is the configuration of one of its points. `table.json` lies beside it."""
    return Path(shared.output) / shared.name / "sweep" / "index.html"
