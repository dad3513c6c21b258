import numpy as np
import pytest

from blender_assets.lens.models import Lens
from blender_assets.lens.pinhole import Perspective
from blender_assets.soiling.compositing import SoilingLayer, composite
from blender_assets.soiling.drop_shapes import Drops, DropsConfig, place_drops
from blender_assets.soiling.drops import show_drops
from blender_assets.soiling.layers import Layer
from blender_assets.soiling.pane import Pane, PaneConfig
from blender_assets.soiling.refraction import Caps
from tests.blender_assets.soiling.patterns import CIRCLE, FISHEYE, HEIGHT, WIDTH, pane

PINHOLE = Perspective(model="perspective", hfov_deg=60)  # its focal length is 160 / tan 30 = 277.13 px
ROUND = DropsConfig(irregular=0.0, stray_light=0.0)


def sharp(distance_mm: float, lens: Lens = PINHOLE) -> Pane:
    return pane(lens, PaneConfig(distance_mm=distance_mm, aperture_mm=0))


def one_drop(radius: float, contact_deg: float, middle_xy: tuple[float, float]) -> Drops:
    row = np.array([[radius, 0, 0]], np.float32)
    none = np.zeros_like(row)
    caps = Caps(none, none, row, none + np.float32(np.radians(contact_deg)), np.full(1, 1e-6, np.float32))
    return Drops(np.array([middle_xy], float), np.array([radius], np.float32), caps)


def shown(drops: Drops, before: Pane) -> Layer:
    return show_drops(before, drops, ROUND, np.random.default_rng(0))


def seen_places(layer: Layer) -> np.ndarray:
    assert layer.view is not None
    return layer.view.pixels_xy


def test_the_warp_of_a_pixel_is_the_ray_traced_by_hand():
    # As in test_refraction: a ray to x = .5 mm on the base of a drop of the radius 1, 60 degrees, at 20 mm leaves at
    # -8.1499 degrees. With a focal length of 280 px that is the pixel 280 * .5 / 20 = 7 px right of the axis, and what
    # it shows lies 280 * tan 8.1499 = 40.10 px left of it.
    lens = Perspective(model="perspective", fx_px=280, fy_px=280, cx_px=160.5, cy_px=120.5)
    places = seen_places(shown(one_drop(1, 60, (160.5, 120.5)), sharp(20, lens)))
    np.testing.assert_allclose(places[120, 167], [160.5 - 40.10, 120.5], atol=0.02)
    np.testing.assert_allclose(places[113, 160], [160.5, 120.5 + 40.10], atol=0.02)


@pytest.mark.parametrize(
    ("radius", "contact", "distance", "is_inverted"),
    # focal lengths of 3.50 and 1 / (.33 sin 30) * 2 = 12.1 mm
    [(1, 60, 20, True), (2, 30, 20, True), (2, 30, 6, False)],
)
def test_a_drop_shows_the_scene_upside_down_beyond_its_focal_length(radius, contact, distance, is_inverted):
    before = sharp(distance)
    places = seen_places(shown(one_drop(radius, contact, (WIDTH / 2, HEIGHT / 2)), before))
    reach = round(0.4 * radius * before.px_per_mm)
    above, below = (places[HEIGHT // 2 + side * reach, WIDTH // 2, 1] for side in (-1, 1))
    left, right = (places[HEIGHT // 2, WIDTH // 2 + side * reach, 0] for side in (-1, 1))
    assert (above > HEIGHT / 2 > below) == is_inverted
    assert (left > WIDTH / 2 > right) == is_inverted
    assert (above < HEIGHT / 2 < below) != is_inverted


def test_a_drop_covers_the_disc_of_its_base():
    # 1 mm at 20 mm is 277.13 / 20 = 13.86 px, so that its base covers pi 13.86 ** 2 = 603.2 pixels on the axis.
    assert shown(one_drop(1, 60, (WIDTH / 2, HEIGHT / 2)), sharp(20)).alpha.sum() == pytest.approx(
        603.2, rel=0.01
    )
    # Aside by a pinhole enlarges areas by 1 / cos ** 3, here at atan(hypot(60, 30) / 277.13).
    layer = shown(one_drop(1, 60, (100.0, 90.0)), sharp(20))
    assert layer.alpha.sum() == pytest.approx(603.2 * 1.0893, rel=0.01)
    y, x = np.nonzero(layer.alpha > 0.5)
    assert (x.mean() + 0.5, y.mean() + 0.5) == pytest.approx((100, 90), abs=1)


def test_a_steep_drop_has_a_rim_through_which_no_light_comes():
    layer = shown(one_drop(1, 85, (WIDTH / 2, HEIGHT / 2)), sharp(20))
    assert layer.view is not None
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    away_mm = np.hypot(x - WIDTH / 2, y - HEIGHT / 2) / (277.13 / 20)
    rim, inner = (away_mm > 0.82) & (away_mm < 0.92), away_mm < 0.5
    assert not layer.view.weight[rim].any()
    assert (layer.alpha[rim] == 1).all()
    # It is dark, not black, where the eye sees the drop's inside.
    assert 0 < layer.light[rim][:, 0].max() < 0.1
    assert layer.view.weight[inner].min() > 0.5


def test_beyond_the_frame_the_scene_goes_on_as_at_its_edge():
    # Near the rim of a half sphere rays leave steeply, far out of a view of 60 degrees.
    layer = shown(one_drop(1, 70, (WIDTH / 2, HEIGHT / 2)), sharp(20))
    places = seen_places(layer)[layer.alpha > 0]
    assert places.min() >= 0
    assert (places <= [WIDTH, HEIGHT]).all()
    to_edge = np.minimum(places, [WIDTH, HEIGHT] - places).min(axis=1)
    assert (to_edge < 4).mean() > 0.2


def test_drops_before_a_fisheye_show_what_is_within_its_circle():
    layer = shown(one_drop(1, 70, (CIRCLE.cx + 40, CIRCLE.cy)), sharp(8, FISHEYE))
    places = seen_places(layer)[layer.alpha > 0]
    assert np.hypot(*(places - [CIRCLE.cx, CIRCLE.cy]).T).max() <= CIRCLE.radius


def test_drops_lie_apart_unless_they_have_run_together():
    config = DropsConfig(merged=0.0)
    before = pane()
    drops = place_drops(before, config, 0.3, np.random.default_rng(3))
    assert len(drops.reach_mm) > 20
    away = np.hypot(*(drops.middles_xy[:, None] - drops.middles_xy).transpose(2, 0, 1))
    touching = (drops.reach_mm[:, None] + drops.reach_mm) * before.blocks_per_mm
    np.fill_diagonal(away, np.inf)
    assert (away >= 0.89 * touching).all()
    assert not drops.caps.radius[:, 1:].any()


def test_a_drop_alone_is_seen_in_the_picture_with_its_inside_turned():
    # Sky above, road below: the drop's own upper half shows the road.
    before = sharp(20)
    drop_xy = (WIDTH / 2, HEIGHT / 2)
    layer = shown(one_drop(3, 60, drop_xy), before)
    assert layer.view is not None
    scene = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    scene[: HEIGHT // 2] = 1
    rows = np.clip(layer.view.pixels_xy[..., 1].astype(int), 0, HEIGHT - 1)
    color = scene[rows, WIDTH // 2] * layer.view.weight[..., None] + layer.light[..., :3] * 0
    image = composite((255 * scene).astype(np.uint8), SoilingLayer(layer.alpha, color))
    above, below = image[HEIGHT // 2 - 15, WIDTH // 2], image[HEIGHT // 2 + 15, WIDTH // 2]
    assert above.max() < 20
    assert below.min() > 200


@pytest.mark.parametrize("field", ["radius_mm", "contact_deg"])
def test_ranges_that_descend_are_refused(field):
    with pytest.raises(ValueError, match=r"must be \(least, most\)"):
        DropsConfig.model_validate({field: (2.0, 1.0)})
