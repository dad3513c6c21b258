import numpy as np

from blender_assets.soiling.pane import PaneConfig
from blender_assets.soiling.scratches import ScratchesConfig, draw_scratches
from tests.blender_assets.soiling.patterns import pane


def drawn(**changes: float):
    before = pane(config=PaneConfig(aperture_mm=0))
    return draw_scratches(before, ScratchesConfig(**changes), 0.05, np.random.default_rng(3))


def test_scratches_are_thin_lines():
    alpha = drawn(width_mm=0.05).alpha
    # 12.8 px a mm: .05 mm are .64 px, drawn a pixel wide; eroding by a pixel leaves crossings alone.
    mask = alpha > 0.2
    inner = mask[1:-1, 1:-1] & mask[:-2, 1:-1] & mask[2:, 1:-1] & mask[1:-1, :-2] & mask[1:-1, 2:]
    assert 0.01 < mask.mean() < 0.1
    assert inner.sum() < 0.15 * mask.sum()


def test_what_is_thinner_than_a_pixel_hides_less_of_it():
    thin, wide = drawn(width_mm=0.02).alpha, drawn(width_mm=0.2).alpha
    assert thin.max() < 0.8 * wide.max()
    assert wide.max() > 0.5


def test_scratches_glare_by_the_scene_s_brightest_light():
    layer = drawn(glare=0.6)
    np.testing.assert_allclose(layer.light[..., 4], 0.6 * layer.alpha, atol=1e-6)
