"""What a training step of the segmentation cycle costs, beside a loop of the same networks that anybody would write.

That one runs in float32, channels first, with two optimisers that are not fused, and freezes the discriminator between
their turns.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from itertools import chain

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.augmentation.config import IGNORE_LABEL, GeometricConfig
from models.cycle_segmentation.config import CycleConfig, CycleSegmentationConfig, NoiseConfig
from models.cycle_segmentation.cycles import one_hot
from models.cycle_segmentation.data import CycleSets, batch_drawer
from models.cycle_segmentation.networks import build_networks
from models.cycle_segmentation.noise import add_noise
from models.cycle_segmentation.training import cycle_task
from models.segmentation.config import SegmentationAugmentation
from models.segmentation.data import SegmentationSet
from models.training.supervised import start_training, train_step
from models.translation.image_pool import ImagePool

Step = Callable[[], object]
SIZE_HW, CLASSES, BATCH = (64, 128), 19, 4
GAUSSIAN = NoiseConfig(kind="gaussian")  # the dearest: a normal number for every class of every pixel
SMALL = CycleSegmentationConfig(
    cycle=CycleConfig(noise=GAUSSIAN),
    num_classes=CLASSES,
    width=0.5,
    epochs=None,
    steps=1,
    batch_size=BATCH,
    precision="fp32",
    device="cpu",
    augmentation=SegmentationAugmentation(geometric=GeometricConfig(flip_probability=0), photometric=None),
)


def cpu_steps() -> dict[str, Step]:
    """Steps of the small profile by what they are called: as trained, in float32, without noise, and plain."""
    sets = _noise(SIZE_HW)
    return {
        "cycle_step_cpu_s": our_step(replace(SMALL, precision="auto"), sets),
        "cycle_step_fp32_cpu_s": our_step(SMALL, sets),
        "cycle_step_noiseless_cpu_s": our_step(replace(SMALL, cycle=CycleConfig()), sets),
        "plain_cycle_step_fp32_cpu_s": plain_step(SMALL, sets),
    }


def cpu_figures(seconds: dict[str, list[float]]) -> dict[str, float]:
    """From seconds of each round of `cpu_steps`. What noise costs is the median of rounds, of which each has both."""
    least = {name: min(times) for name, times in seconds.items()}
    noisy, noiseless = (
        np.array(seconds[name]) for name in ("cycle_step_fp32_cpu_s", "cycle_step_noiseless_cpu_s")
    )
    del least["cycle_step_noiseless_cpu_s"]
    return least | {
        "cycle_step_vs_plain": least["cycle_step_fp32_cpu_s"] / least["plain_cycle_step_fp32_cpu_s"],
        "noise_cost_share": float(np.median(1 - noiseless / noisy)),
    }


def gpu_figures() -> dict[str, float]:
    """Milliseconds of a step of the published size on a GPU; nothing where there is none."""
    if not torch.cuda.is_available():
        return {}
    full = replace(SMALL, width=1.0, precision="auto", device="cuda")
    step = our_step(full, _noise((256, 512)))
    return {"cycle_gpu_step_ms": _milliseconds(step, rounds=20)}


def our_step(config: CycleSegmentationConfig, sets: CycleSets) -> Step:
    """A step of the trainer with the batch that it draws."""
    config = config.settled()
    task = cycle_task(config, sets, seed=0)
    training = start_training(task, config.training(num_images=BATCH), seed=0)
    return lambda: train_step(training, task.draw(0), learning_rate=2e-4)


def plain_step(config: CycleSegmentationConfig, sets: CycleSets) -> Step:
    """A step as it is usually written, with the same batch and noise."""
    assert config.cycle is not None
    noise = config.cycle.noise
    with torch.random.fork_rng():
        networks = build_networks(config).train()
    segment, synthesize, judge = (networks[name] for name in ("segmenter", "synthesizer", "discriminator"))
    adam = {"lr": 2e-4, "betas": (0.5, 0.999)}
    generators = torch.optim.Adam(chain(segment.parameters(), synthesize.parameters()), **adam)
    discriminators = torch.optim.Adam(judge.parameters(), **adam)
    draw, pool = batch_drawer(config, sets, seed=0), ImagePool(config.cycle.pool_images)

    def run() -> None:
        batch = draw(0)
        images, labels = batch.images_bchw.contiguous(), batch.labels_bhw
        logits = segment(images)
        rebuilt = synthesize(add_noise(torch.tanh(logits / 5), noise))
        synthetic = synthesize(one_hot(labels, config.num_outputs).contiguous())
        again = segment(synthetic)
        judge.requires_grad_(False)
        loss = 10 / 31 * (_entropy(logits, labels) + 3 * functional.l1_loss(rebuilt, images))
        loss = loss + ((judge(synthetic) - 1) ** 2).mean() / 31 + 10 / 31 * _entropy(again, labels)
        _descend(generators, loss)
        judge.requires_grad_(True)
        pooled = pool.exchange(synthetic, batch.pool_plan)
        _descend(discriminators, ((judge(images) - 1) ** 2).mean() + (judge(pooled) ** 2).mean())

    return run


def _entropy(logits: Tensor, labels: Tensor) -> Tensor:
    return nn.functional.cross_entropy(logits, labels, ignore_index=IGNORE_LABEL)


def _descend(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def _noise(size_hw: tuple[int, int]) -> CycleSets:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (BATCH, *size_hw, 3), dtype=np.uint8)
    data = SegmentationSet(images, rng.integers(0, CLASSES, (BATCH, *size_hw), dtype=np.uint8))
    return CycleSets(data, data)


def _milliseconds(step: Step, *, rounds: int) -> float:
    """The median of rounds, each timed from an idle device to an idle device."""
    times = []
    for number in range(rounds + 5):
        torch.cuda.synchronize()
        started = time.perf_counter()
        step()
        torch.cuda.synchronize()
        if number >= 5:
            times.append(time.perf_counter() - started)
    return 1000 * float(np.median(times))
