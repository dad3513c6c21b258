"""Step: a network of two numbers learns the line, in a child process that a kill only interrupts."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from blender_assets.both_sides.child_protocol import Report, serve
from models.configs import from_plain, to_plain
from models.training.supervised_config import SupervisedConfig
from tasks.building.steps import step
from tasks.training.in_a_child import (
    describe_losses,
    resume_point,
    run_training,
    saver,
    training_spec,
    write_result,
)
from tasks.training.trainable import Trainable


@dataclass(frozen=True, kw_only=True)
class LineRun:
    """One training with its seed: all that decides its weights beside the points."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    line: SupervisedConfig
    seed: int

    def settled(self) -> "LineRun":
        """The same with the precision that `auto` is on this machine."""
        return replace(self, line=self.line.settled())


@step("line", libraries=("numpy", "torch"), is_resumable=True)
def train_line(out: Path, config: LineRun, points: Path, scratch: Path) -> None:
    """`line.pt`, `history.json` and `history.csv`. Resumes bit for bit after a kill."""
    spec = training_spec(config.line, seed=config.seed, out=out, scratch=scratch, points=points)
    run_training("tests.two_steps.training", spec, threads=1)


TRAINABLE = Trainable(step=train_line, config=LineRun, inputs={"points": "points"})


def _train(spec: dict[str, Any], report_progress: Report) -> None:
    import torch

    from models.training.randomness import sample_indices
    from models.training.supervised import Choice, Hooks, Task, start_network, train_network

    config, seed, scratch = from_plain(SupervisedConfig, spec["config"]), spec["seed"], Path(spec["scratch"])
    points = torch.from_numpy(np.load(Path(spec["points"]) / "points.npy"))

    def draw(number: int) -> torch.Tensor:
        count = config.batch_size
        return points[
            sample_indices(seed, "train", start=number * count, count=count, population=len(points))
        ]

    def squared_error(network: torch.nn.Module, batch: torch.Tensor) -> torch.Tensor:
        return (network(batch[:, :1]) - batch[:, 1:]).square().mean()

    task = Task(
        kind="line",
        network=start_network(lambda: torch.nn.Linear(1, 1), config, seed=seed),
        draw=draw,
        losses=lambda network, batch: {"squared_error": squared_error(network, batch)},
        validate=lambda network: {"squared_error": float(squared_error(network, points))},
        choice=Choice("squared_error", is_higher_better=False),
        identity={"config": to_plain(config)},
    )
    hooks = Hooks(
        save=saver(scratch),
        report=lambda entry: report_progress(entry["step"], entry["total_steps"], describe_losses(entry)),
    )
    resume = resume_point(scratch, kind="line", config=config)
    write_result(
        Path(spec["out"]), "line", train_network(task, config, seed=seed, resume=resume, hooks=hooks)
    )


if __name__ == "__main__":
    serve(_train)
