import cv2
import numpy as np

from blender_assets.soiling.mud import DRY_ALBEDO, WET_ALBEDO, MudConfig, draw_mud
from blender_assets.soiling.pane import PaneConfig
from tests.blender_assets.soiling.patterns import pane

SHARP = pane(config=PaneConfig(aperture_mm=0))


def mud(share: float = 0.3, **changes: float):
    return draw_mud(SHARP, MudConfig(**changes), share, np.random.default_rng(5))


def test_mud_is_opaque_in_its_middle_and_thins_out_at_its_edge():
    alpha = mud().alpha
    assert np.mean(alpha > 0.95) > 0.08
    edge = (alpha > 0.05) & (alpha < 0.6)
    assert 0.02 < edge.mean() < 0.2


def test_a_softer_edge_leaves_less_that_is_opaque():
    hard, soft = mud(edge=0.2).alpha, mud(edge=1.5).alpha
    assert ((hard > 0) == (soft > 0)).mean() > 0.999
    assert np.mean(soft > 0.9) < 0.6 * np.mean(hard > 0.9)


def test_dry_mud_is_lighter_than_wet_by_what_soils_are():
    dry, wet = mud(dryness=1.0), mud(dryness=0.0)
    thick = dry.alpha > 0.9
    ratio = dry.light[thick][:, :3].mean(axis=0) / wet.light[thick][:, :3].mean(axis=0)
    np.testing.assert_allclose(ratio, DRY_ALBEDO / WET_ALBEDO, rtol=0.02)


def test_splashes_have_droplets_around_them():
    # Spots that are much smaller than a splash, counted as parts that hang together.
    _, _, stats, _ = cv2.connectedComponentsWithStats((mud().alpha > 0.3).astype(np.uint8))
    splash = np.pi * (1.3 * SHARP.blocks_per_mm) ** 2
    assert np.sum(stats[1:, cv2.CC_STAT_AREA] < 0.1 * splash) >= 5
    assert stats[1:, cv2.CC_STAT_AREA].max() > splash
