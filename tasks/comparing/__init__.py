"""Two finished runs side by side: what was configured otherwise, what their detectors reached, what they cost."""

from tasks.comparing.runs import FinishedRun, find_finished_run
from tasks.comparing.side_by_side import SideBySide, compare_runs

__all__ = ["FinishedRun", "SideBySide", "compare_runs", "find_finished_run"]
