"""Step: the signal-to-noise ratio that a noise was measured to have on R_val, for Gaussian noise to be as strong."""

import json
from pathlib import Path

import numpy as np

from tasks.building.steps import step

_DECIMALS = 2  # as Table 2 of the paper has it; the ratio enters the key of the training that takes it


@step("noise-ratio", libraries=("numpy",))
def measure_noise_ratio(out: Path, config: None, segmenters: list[Path]) -> None:
    """`ratio.json`: the mean over trainings, at their chosen checkpoints, of equation 11 in dB."""
    ratios = [_ratio(folder) for folder in segmenters]
    content = {"snr_db": round(float(np.mean(ratios)), _DECIMALS), "of_each": ratios}
    (out / "ratio.json").write_text(json.dumps(content), encoding="utf-8")


def read_noise_ratio(folder: Path) -> float:
    """In dB."""
    return json.loads((folder / "ratio.json").read_text(encoding="utf-8"))["snr_db"]


def _ratio(folder: Path) -> float:
    history = json.loads((folder / "history.json").read_text(encoding="utf-8"))
    entries = [entry for entry in history if "val_mean_iou" in entry]
    return max(entries, key=lambda entry: entry["val_mean_iou"])["val_snr_db"]
