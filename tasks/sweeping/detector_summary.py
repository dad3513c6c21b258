"""Step: what a trained detector reached in validation, for a sweep whose points are trainings of one detector each."""

import json
from pathlib import Path

from tasks.building.steps import step


@step("detector-summary")
def summarise_detector(out: Path, config: None, detector: Path) -> None:
    """`point.json`: the figures of the checkpoint that was chosen, by F1 in validation."""
    history = json.loads((detector / "history.json").read_text(encoding="utf-8"))
    best = max((entry for entry in history if "val_f1" in entry), key=lambda entry: entry["val_f1"])
    figures = {name.removeprefix("val_"): value for name, value in best.items() if name.startswith("val_")}
    content = {"steps": history[-1]["step"], "figures": figures | {"best_step": best["step"]}}
    (out / "point.json").write_text(json.dumps(content), encoding="utf-8")
