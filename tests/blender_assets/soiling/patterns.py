"""Panes and patterns that the tests of soiling share, small and quick."""

import numpy as np

from blender_assets.lens.fisheye import FisheyeEquidistant, LensCircle
from blender_assets.lens.models import Lens
from blender_assets.soiling.config import SoilingConfig
from blender_assets.soiling.layers import Kind
from blender_assets.soiling.pane import Pane, PaneConfig, usual_lens
from blender_assets.soiling.pattern import SoilingPattern, draw_pattern

WIDTH, HEIGHT = 320, 240
CIRCLE = LensCircle(cx=150, cy=126, radius=100)
FISHEYE = FisheyeEquidistant(model="fisheye_equidistant", fov_deg=180, circle_px=CIRCLE)


def pane(lens: Lens | None = None, config: PaneConfig | None = None) -> Pane:
    return Pane(lens or usual_lens(), WIDTH, HEIGHT, config or PaneConfig())


def pattern(*kinds: Kind, amount: float = 0.3, seed: int = 1, before: Pane | None = None) -> SoilingPattern:
    config = SoilingConfig(kinds={kind: 1.0 for kind in kinds}, amount=amount)
    return draw_pattern(before or pane(), config, seed)


def photo(seed: int = 0) -> np.ndarray:
    """uint8 RGB [h, w, 3]: coarse noise, brighter above."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(20, 200, (HEIGHT // 8, WIDTH // 8, 3)).repeat(8, 0).repeat(8, 1)
    return (coarse + np.linspace(55, 0, HEIGHT)[:, None, None]).astype(np.uint8)
