"""`make bench-soiling`: what a soiled image costs, and learning to soil; one JSON object at the end.

CPU-seconds of one thread, so that shared machines compare: a new pattern, and the image with it, of each kind alone and
of all together. `soil_1280x966_cpu_s` is the slowest of them, in the median over seeds.
"""

import json
import time
from statistics import median

import cv2
import numpy as np
import torch

from blender_assets.soiling.compositing import soil
from blender_assets.soiling.config import SoilingConfig
from blender_assets.soiling.layers import KINDS, Kind
from blender_assets.soiling.pane import Pane, PaneConfig, usual_lens
from blender_assets.soiling.pattern import draw_pattern
from tests.benches.soiling_steps import step_figures

_WIDTH, _HEIGHT, _SEEDS = 1280, 966, 5
_AMOUNT = 0.3
# What was asked for.
_ASKED = {"soil_1280x966_cpu_s": 0.25, "masked_step_vs_plain": 1.1}


def main() -> None:
    """Measure on one thread and print the figures, with what was asked for."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    image = np.random.default_rng(0).integers(0, 256, (_HEIGHT, _WIDTH, 3), dtype=np.uint8)
    figures = {kind: _cpu_s(image, {kind: 1.0}) for kind in KINDS}
    figures["all kinds"] = _cpu_s(image, dict.fromkeys(KINDS, 1.0))
    for name, value in figures.items():
        print(f"{name:<12} {value:.3f} CPU-s")
    measured = {"soil_1280x966_cpu_s": max(figures.values()), **step_figures()}
    measured |= {f"{name}_asked": value for name, value in _ASKED.items()}
    print(json.dumps({name: round(value, 4) for name, value in measured.items()}))


def _cpu_s(image: np.ndarray, kinds: dict[Kind, float]) -> float:
    """The median over seeds; the first image warms up."""
    config = SoilingConfig(kinds=kinds, amount=_AMOUNT)
    times = []
    for seed in range(_SEEDS + 1):
        started = time.process_time()
        soil(image, draw_pattern(Pane(usual_lens(), _WIDTH, _HEIGHT, PaneConfig()), config, seed))
        times.append(time.process_time() - started)
    return median(times[1:])


if __name__ == "__main__":
    main()
