"""Step: what one training reached in validation, for sweeps whose points are one training each."""

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from tasks.building.steps import step


class TrainingSummaryConfig(BaseModel):
    """Which figure of a training's history chose its checkpoint."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    figure: str  # an entry of history.json whose name begins with val_
    is_higher_better: bool


@step("training-summary")
def summarise_training(out: Path, config: TrainingSummaryConfig, training: Path) -> None:
    """`point.json`: the figures `val_...` of the best entry of `history.json`, and the steps that were taken."""
    history = json.loads((training / "history.json").read_text(encoding="utf-8"))
    entries = [entry for entry in history if config.figure in entry]
    best = (max if config.is_higher_better else min)(entries, key=lambda entry: entry[config.figure])
    figures = {name.removeprefix("val_"): value for name, value in best.items() if name.startswith("val_")}
    content = {"steps": history[-1]["step"], "figures": figures | {"best_step": best["step"]}}
    (out / "point.json").write_text(json.dumps(content), encoding="utf-8")
