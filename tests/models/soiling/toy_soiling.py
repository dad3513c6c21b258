"""Clean photos, soiled ones and masks small enough to train on in seconds, and a small segmenter of soiling."""

import numpy as np
import torch

from blender_assets.soiling.config import SoilingConfig
from blender_assets.soiling.levels import CoarseConfig, coarsen
from blender_assets.soiling.mud import MudConfig
from blender_assets.soiling.pane import Pane, PaneConfig, usual_lens
from blender_assets.soiling.pattern import draw_pattern
from models.segmentation.applying import Segmenter
from models.segmentation.config import SegmentationConfig, SegmentationLosses
from models.segmentation.networks.registry import build_network
from models.soiling.dirty_gan.config import DirtyGanConfig
from models.soiling.dirty_gan.data import DirtySets, DirtySplits
from models.soiling.mask_vae.config import MaskVaeConfig
from models.soiling.masks import alpha_of_levels, smooth
from models.soiling.opacity import OpacityNetwork
from models.translation.networks.configs import DiscriminatorConfig, GeneratorConfig

HEIGHT, WIDTH = 32, 40
BROWN = np.array((90, 60, 30))
TINY_VAE = MaskVaeConfig(
    size_px=32,
    codes=4,
    filters=4,
    steps=6,
    batch_size=4,
    beta_warmup_steps=4,
    warmup_steps=2,
    precision="fp32",
    device="cpu",
    report_every_steps=2,
    eval_every_steps=3,
    checkpoint_every_steps=3,
)
TINY_GAN = DirtyGanConfig(
    generator=GeneratorConfig(filters=4, blocks=1),
    discriminator=DiscriminatorConfig(filters=4, last_stride=1),
    smoothing_px=1.0,
    pool_images=3,
    steps=6,
    batch_size=2,
    precision="fp32",
    device="cpu",
    report_every_steps=2,
    eval_every_steps=3,
    checkpoint_every_steps=3,
)


def draw_masks(count: int, *, seed: int, height: int = 32, width: int = 32) -> np.ndarray:
    """float32 [n, h, w]: an ellipse each with a soft edge."""
    rng = np.random.default_rng(seed)
    masks = []
    for _ in range(count):
        half = rng.uniform(0.15, 0.35, (2, 1, 1)) * np.array((height, width)).reshape(2, 1, 1)
        centre = rng.uniform(0.25, 0.75, (2, 1, 1)) * np.array((height, width)).reshape(2, 1, 1)
        distance = np.sqrt(np.square((np.mgrid[:height, :width] + 0.5 - centre) / half).sum(0))
        masks.append(np.clip(4 * (1.125 - distance), 0, 1))
    return np.stack(masks).astype(np.float32)


def draw_mud(count: int, *, seed: int, size: int) -> np.ndarray:
    """float32 [n, size, size]: mud by its optics, annotated coarsely, and smoothed, as the VAE's masks are made."""
    mud = MudConfig(splash_radius_mm=4.0, ragged_mm=3.0)
    pane, levels = Pane(usual_lens(), size, size, PaneConfig()), []
    for number in range(count):
        amount = float(np.random.default_rng([seed, number]).uniform(0.15, 0.5))
        config = SoilingConfig(kinds={"mud": 1.0}, mud=mud, amount=amount)
        levels.append(coarsen(draw_pattern(pane, config, 1000 * seed + number).levels, CoarseConfig()))
    return smooth(alpha_of_levels(torch.from_numpy(np.stack(levels))), size / 64)[:, 0].numpy()


def draw_photos(count: int, *, seed: int) -> np.ndarray:
    """uint8 [n, h, w, 3]: patches of grey and blue."""
    rng = np.random.default_rng(seed)
    patches = rng.integers(100, 250, (count, HEIGHT // 8, WIDTH // 8, 1)) + np.array((-40, -20, 0))
    return patches.repeat(8, 1).repeat(8, 2).astype(np.uint8)


def soil_by_hand(photos: np.ndarray, masks: np.ndarray) -> np.ndarray:
    alpha = masks[..., None]
    return ((1 - alpha) * photos + alpha * BROWN).round().astype(np.uint8)


def draw_sets(count: int, *, seed: int) -> DirtySets:
    masks = draw_masks(count, seed=seed, height=HEIGHT, width=WIDTH)
    soiled = soil_by_hand(draw_photos(count, seed=seed + 100), masks)
    return DirtySets(draw_photos(count, seed=seed), soiled, draw_masks(count, seed=seed + 200))


def draw_splits() -> DirtySplits:
    return DirtySplits(draw_sets(6, seed=0), draw_sets(3, seed=1))


def random_segmenter(seed: int = 0, **changes) -> Segmenter:
    """ERFNet for the four levels, untrained."""
    fields = {
        "steps": 1,
        "num_classes": 4,
        "width": 0.25,
        "losses": SegmentationLosses(pixel="binary"),
        "precision": "fp32",
        "device": "cpu",
    }
    config = SegmentationConfig(**(fields | changes))
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = build_network(config).eval()
    return Segmenter(config, network, torch.device("cpu"), (HEIGHT, WIDTH))


def random_opacity(seed: int = 0) -> OpacityNetwork:
    return OpacityNetwork(random_segmenter(seed))
