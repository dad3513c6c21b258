"""`make bench-eval`: what evaluating, comparing and running a detector cost; one JSON object at the end.

CPU-seconds of one thread, so that shared machines compare; images a second are those of a core of its own.
"""

import json
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import nn

from models.arithmetic.precision import describe_processor, settle
from models.detection.config import DetectorConfig
from models.detection.data import Detections, DetectionSet
from models.detection.detecting import detect
from models.detection.networks.grid_detector import GridDetector
from models.detection.scoring.metrics import average_precision, match_set
from models.detection.training import detection_task, draw_batch, start_detector, train_detector
from models.detection.weights import build_network
from models.features.distances import frechet_distance
from models.judging.measures import F1
from models.judging.resampling import draw_chances, estimate_difference, estimate_score
from models.judging.sufficient_statistics import detection_statistics
from models.training.supervised import start_training, train_step

_IMAGES, _BOXES, _SEEDS = 5000, 10, 3
_STEPS, _BATCH, _SIZE_HW = 6, 8, (336, 448)


def main() -> None:
    """Measure on one thread and print the figures."""
    torch.set_num_threads(1)
    machine = {"processor": describe_processor(), "precision": settle("auto", "cpu")}
    figures = {
        "eval_5k_cpu_s": eval_cpu_s(),
        "bootstrap_2000_s": bootstrap_cpu_s(),
        "frechet_500_s": frechet_cpu_s(),
        **detector_figures(),
    }
    print(json.dumps(machine | {name: round(value, 4) for name, value in figures.items()}))


def eval_cpu_s() -> float:
    """AP50 of 5,000 images with 50,000 boxes and 75,000 detections."""
    rng = np.random.default_rng(0)
    truth = [_boxes(rng, _BOXES) for _ in range(_IMAGES)]
    found = [_detections(rng, boxes) for boxes in truth]
    data = DetectionSet(np.zeros((_IMAGES, 1, 1, 3), np.uint8), truth)
    return _cpu_s(lambda: average_precision(match_set(found, data)))


def bootstrap_cpu_s() -> float:
    """2,000 draws for two arms of 3 seeds and their difference on 5,000 images, each a clip of its own."""
    rng = np.random.default_rng(0)
    boxes = rng.integers(0, 20, _IMAGES)
    arms = [_counts(rng, boxes) for _ in range(2)]

    def compare() -> None:
        clips = [str(index) for index in range(_IMAGES)]
        draws = draw_chances(clips, num_seeds=_SEEDS, draws=2000, rng=np.random.default_rng(0))
        assert draws is not None
        for arm in arms:
            estimate_score(F1, arm, draws)
        estimate_difference(F1, arms[1], arms[0], draws)

    return _cpu_s(compare)


def frechet_cpu_s() -> float:
    """Frechet distance of two sets of 500 vectors of 2,048 values."""
    rng = np.random.default_rng(0)
    sets = rng.normal(size=(2, 500, 2048))
    return _cpu_s(lambda: frechet_distance(sets[0], sets[1]))


def detector_figures() -> dict[str, float]:
    """SqueezeDet at 448 x 336, batch 8: CPU-seconds of a training step, beside a plain loop's, and images a CPU-second.

    The plain loop: the same network, images and losses in float32, channels first, by an optimiser that is not fused.
    """
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (_BATCH, *_SIZE_HW, 3), dtype=np.uint8)
    data = DetectionSet(images, [_boxes(rng, _BOXES, side_px=336) for _ in range(_BATCH)])
    config = DetectorConfig(
        steps=1, batch_size=_BATCH, device="cpu", report_every_steps=1, eval_every_steps=1
    )
    state = train_detector(
        config, data, data, seed=0, resume=None, save=lambda state: None, report=lambda entry: None
    )
    many = np.tile(images, (8, 1, 1, 1))
    seconds = _cpu_s(lambda: detect(state, many, batch_size=_BATCH, device="cpu"))
    steps = _step_figures(config, data)
    return {**steps, "infer_images_per_s": len(many) / seconds}


def _step_figures(config: DetectorConfig, data: DetectionSet) -> dict[str, float]:
    """Steps as trained, in float32, and plain, taken in turns so that a busy machine slows all alike; the least counts."""
    runs = {
        "train_step_cpu_s": _our_step(config, data),
        "train_step_fp32_cpu_s": _our_step(replace(config, precision="fp32"), data),
        "plain_step_fp32_cpu_s": _plain_step(config, data),
    }
    least = {name: min(times) for name, times in _in_turns(runs).items()}
    ratio = least["train_step_fp32_cpu_s"] / least["plain_step_fp32_cpu_s"]
    return {**least, "step_vs_plain_fp32": ratio}


def _in_turns(runs: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    """CPU-seconds of each of `_STEPS` rounds, after one that warms up."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for round_number in range(_STEPS + 1):
        for name, run in runs.items():
            started = time.process_time()
            run()
            if round_number > 0:
                times[name].append(time.process_time() - started)
    return times


def _our_step(config: DetectorConfig, data: DetectionSet) -> Callable[[], object]:
    task = detection_task(config, data, data, seed=0)
    training = start_training(task, config.training, seed=0)

    def run() -> None:
        train_step(training, task.draw(0), learning_rate=1e-3)

    return run


def _plain_step(config: DetectorConfig, data: DetectionSet) -> Callable[[], object]:
    plain = replace(config, precision="fp32", is_channels_last=False)
    with torch.random.fork_rng():
        network = build_network(plain)
    sizes = start_detector(config, data, seed=0)[0].anchors_wh
    detector = GridDetector(plain, network, sizes, _SIZE_HW, torch.device("cpu"))
    network.dropout = nn.Dropout(config.dropout)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=config.weight_decay)

    def run() -> None:
        images, annotations = draw_batch(detector, data, seed=0, step=0)
        network.train()
        loss = detector.objective(detector.losses(images, annotations))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return run


def _boxes(rng: np.random.Generator, count: int, *, side_px: int = 480) -> np.ndarray:
    low = rng.uniform(0, side_px - 80, (count, 2))
    return np.concatenate((low, low + rng.uniform(15, 80, (count, 2))), axis=1).astype(np.float32)


def _detections(rng: np.random.Generator, truth: np.ndarray) -> Detections:
    near = truth + rng.normal(0, 5, truth.shape)
    rows = np.concatenate((near, _boxes(rng, _BOXES // 2))).astype(np.float32)
    scores = np.sort(rng.random(len(rows)))[::-1].astype(np.float32)
    return Detections(rows[rng.permutation(len(rows))], scores, np.zeros(len(rows), np.int64))


def _counts(rng: np.random.Generator, boxes: np.ndarray) -> np.ndarray:
    found = rng.integers(0, 20, (_SEEDS, len(boxes)))
    return detection_statistics(np.minimum(found, boxes), found, boxes)


def _cpu_s(run: Callable[[], object]) -> float:
    """The second of two runs; the first warms up."""
    run()
    started = time.process_time()
    run()
    return time.process_time() - started


if __name__ == "__main__":
    main()
