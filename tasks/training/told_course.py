"""How a training goes, as its child tells it: what is left, and the figure on R_val where there is a new one."""

from dataclasses import dataclass, field
from typing import Any

from blender_assets.both_sides.child_protocol import Report
from tasks.training.in_a_child import Pace, describe_losses


@dataclass(frozen=True)
class Course:
    """Takes the entries of a training's history; `figure` is the field that validations have, `title` its words."""

    report_progress: Report
    figure: str
    title: str
    pace: Pace = field(default_factory=Pace)

    def __call__(self, entry: dict[str, Any]) -> None:
        step, total = entry["step"], entry["total_steps"]
        said = f"{self.title} {entry[self.figure]:.3f}" if self.figure in entry else describe_losses(entry)
        self.report_progress(step, total, ", ".join(filter(None, (self.pace.left(step, total), said))))
