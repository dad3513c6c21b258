"""What a training step of the VAE of masks and one of the confined CycleGAN cost, the latter beside a plain CycleGAN's.

That one is the library's own at the same size and width, so that what the mask, the segmenter M and its two gaussians
take is the difference.
"""

import time
from collections.abc import Callable

import numpy as np
import torch

from models.segmentation.applying import Segmenter
from models.segmentation.config import SegmentationConfig, SegmentationLosses
from models.segmentation.networks.registry import build_network
from models.soiling.dirty_gan.config import DirtyGanConfig
from models.soiling.dirty_gan.data import DirtySets, DirtySplits
from models.soiling.dirty_gan.training import dirty_gan_task
from models.soiling.mask_vae.config import MaskVaeConfig
from models.soiling.mask_vae.training import MaskSets, mask_vae_task
from models.soiling.opacity import OpacityNetwork
from models.training import supervised
from models.training.processes import Processes
from models.translation import updating
from models.translation.domains import Domains, ImageShapes, array_domain
from models.translation.families.cyclegan import CYCLEGAN
from models.translation.families.cyclegan_config import CycleganConfig
from models.translation.loading import load_domains
from models.translation.networks.configs import DiscriminatorConfig, GeneratorConfig
from models.translation.starting import start_training
from models.translation.steps import draw_step

Step = Callable[[], object]
_HEIGHT, _WIDTH, _IMAGES, _ROUNDS = 64, 128, 8, 6
_GENERATOR = GeneratorConfig(filters=32)
_DISCRIMINATOR = DiscriminatorConfig(filters=32, last_stride=1)
_CPU = torch.device("cpu")


def step_figures() -> dict[str, float]:
    """CPU-seconds of each step, in turns so that a busy machine slows all alike; the least counts, of ratios the median."""
    steps = {
        "vae_step_cpu_s": vae_step(),
        "masked_step_cpu_s": masked_step(),
        "plain_cyclegan_step_cpu_s": plain_cyclegan_step(),
    }
    times = {name: np.array(each) for name, each in _in_turns(steps).items()}
    ratio = np.median(times["masked_step_cpu_s"] / times["plain_cyclegan_step_cpu_s"])
    return {name: float(each.min()) for name, each in times.items()} | {"masked_step_vs_plain": float(ratio)}


def vae_step() -> Step:
    """Of 32 masks of 128 x 128, at the full width."""
    config = MaskVaeConfig(device="cpu", precision="fp32")
    masks = np.random.default_rng(0).random((32, 128, 128), dtype=np.float32)
    return _step_of(mask_vae_task(config, MaskSets(masks, masks), seed=0), config)


def masked_step() -> Step:
    """Of one clean and one soiled image of 128 x 64, at half the width, beside an ERFNet of half its width as M."""
    config = DirtyGanConfig(
        generator=_GENERATOR, discriminator=_DISCRIMINATOR, device="cpu", precision="fp32"
    )
    masks = np.random.default_rng(0).random((_IMAGES, 128, 128), dtype=np.float32)
    sets = DirtySets(_noise(0), _noise(1), masks)
    return _step_of(dirty_gan_task(config, DirtySplits(sets, sets), _opacity(), seed=0), config)


def plain_cyclegan_step() -> Step:
    """Of the same images without masks."""
    config = CycleganConfig(
        generator=_GENERATOR,
        discriminator=_DISCRIMINATOR,
        epochs=None,
        steps=1000,
        device="cpu",
        precision="fp32",
    )
    domains = Domains(array_domain("clean", _noise(0)), array_domain("soiled", _noise(1)))
    loaded = load_domains(domains, config, CYCLEGAN.needs(config), _CPU)
    training = start_training(
        config, None, seed=0, shapes=ImageShapes((_HEIGHT, _WIDTH)), processes=Processes()
    )
    return lambda: updating.train_step(
        training.learners, draw_step(loaded, config, CYCLEGAN, seed=0, step=0), "free"
    )


def _step_of(task: supervised.Task, config: MaskVaeConfig | DirtyGanConfig) -> Step:
    training = supervised.start_training(task, config, seed=0)
    return lambda: supervised.train_step(training, task.draw(0), learning_rate=2e-4)


def _opacity() -> OpacityNetwork:
    config = SegmentationConfig(
        num_classes=4,
        width=0.5,
        losses=SegmentationLosses(pixel="binary"),
        device="cpu",
        precision="fp32",
    )
    with torch.random.fork_rng():
        network = build_network(config).eval()
    return OpacityNetwork(Segmenter(config, network, _CPU, (_HEIGHT, _WIDTH)))


def _noise(seed: int) -> np.ndarray:
    shape = (_IMAGES, _HEIGHT, _WIDTH, 3)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def _in_turns(steps: dict[str, Step]) -> dict[str, list[float]]:
    """CPU-seconds of each round, after one that warms up."""
    times: dict[str, list[float]] = {name: [] for name in steps}
    for number in range(_ROUNDS + 1):
        for name, step in steps.items():
            started = time.process_time()
            step()
            if number > 0:
                times[name].append(time.process_time() - started)
    return times
