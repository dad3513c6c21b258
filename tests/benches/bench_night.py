"""`make bench-night`: what a step of UNIT, telling nights from days and choosing images cost; one JSON object at the end.

CPU-seconds, so that shared machines compare: of two busy cores half as many seconds pass. The plain step beside UNIT's is
told in `tests/benches/unit_steps.py`.
"""

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from models.arithmetic.precision import describe_processor, settle
from tasks.formats.label_maps import LabelMapRecord, new_array, write_records
from tasks.night.resemblance import herd, likeliest, nearest_sequences, nearest_to_mean
from tasks.night.splitting import LightingConfig, split_by_lighting
from tests.benches.unit_steps import unit_figures, unit_gpu_figures

_IMAGES, _HEIGHT, _WIDTH, _DIFFERENT = 1000, 720, 1280, 20
_CANDIDATES, _TARGET, _FEATURES, _CHOSEN, _SEQUENCE = 10_000, 1000, 2048, 1600, 40
# What was asked for.
_ASKED = {"split_1000_s": 20.0, "select_10000_s": 10.0}


def main() -> None:
    torch.set_num_threads(1)
    machine = {"processor": describe_processor(), "precision": settle("auto", "cpu")}
    figures = unit_figures()
    if torch.cuda.is_available():
        figures |= unit_gpu_figures()
    figures |= split_figures() | select_figures()
    figures |= {f"{name}_asked": limit for name, limit in _ASKED.items()}
    print(json.dumps(machine | {name: round(value, 4) for name, value in figures.items()}))


def split_figures() -> dict[str, float]:
    """The step over 1,000 images of 1280 x 720 that lie in a file."""
    with tempfile.TemporaryDirectory() as place:
        images, out = Path(place) / "images", Path(place) / "out"
        _write_images(images)
        out.mkdir()
        return _timed(
            "split_1000", lambda: split_by_lighting.build(out, config=LightingConfig(), images=images)
        )


def _write_images(folder: Path) -> None:
    """Every third by night: noise of a few levels, repeated."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    drawn = [
        rng.integers(0, 60 if number % 3 == 0 else 250, (_HEIGHT, _WIDTH, 3), dtype=np.uint8)
        for number in range(_DIFFERENT)
    ]
    images = new_array(folder / "images.npy", (_IMAGES, _HEIGHT, _WIDTH, 3))
    for index in range(_IMAGES):
        images[index] = drawn[index % _DIFFERENT]
    records = [
        LabelMapRecord(f"{index}.jpg", "train", "", "", "", False, _WIDTH, _HEIGHT)
        for index in range(_IMAGES)
    ]
    write_records(folder, records, None)


def select_figures() -> dict[str, float]:
    """1,600 of 10,000 vectors of 2,048 values, by each reading of "based on FID"; the slowest is what was asked of."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(0, 1, (_CANDIDATES, _FEATURES))
    target = rng.normal(0.2, 1, (_TARGET, _FEATURES))
    sequences = [str(index // _SEQUENCE) for index in range(_CANDIDATES)]
    ways: dict[str, Callable[[], object]] = {
        "mean": lambda: nearest_to_mean(vectors, target, _CHOSEN),
        "mahal": lambda: likeliest(vectors, target, _CHOSEN),
        "greedy": lambda: herd(vectors, target, _CHOSEN),
        "sequence": lambda: nearest_sequences(vectors, target, _CHOSEN, sequences=sequences),
    }
    figures: dict[str, float] = {}
    for name, choose in ways.items():
        figures |= _timed(f"select_10000_{name}", choose)
    return figures | {
        f"select_10000_{what}": max(figures[f"select_10000_{name}_{what}"] for name in ways)
        for what in ("s", "cpu_s")
    }


def _timed(name: str, run: Callable[[], object]) -> dict[str, float]:
    """Seconds that passed, and those of all processors."""
    started, busy = time.monotonic(), time.process_time()
    run()
    return {f"{name}_s": time.monotonic() - started, f"{name}_cpu_s": time.process_time() - busy}


if __name__ == "__main__":
    main()
