import numpy as np
import pytest

from blender_assets.soiling.compositing import SoilingLayer, composite, light_pattern, measure_light, soil
from blender_assets.soiling.layers import KINDS
from blender_assets.soiling.srgb import to_linear
from tests.blender_assets.soiling.patterns import CIRCLE, FISHEYE, HEIGHT, WIDTH, pane, pattern, photo

MIXED = pattern(*KINDS, amount=0.4, seed=3)


def decoded(image: np.ndarray) -> np.ndarray:
    """sRGB to linear light by IEC 61966-2-1, written out anew."""
    value = image.astype(float) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize("kind", KINDS)
def test_pixels_without_soiling_are_the_photo_s_bit_for_bit(kind):
    drawn = pattern(kind)
    before, after = photo(), soil(photo(), drawn)
    clean = drawn.alpha == 0
    assert 0.2 < clean.mean() < 0.9
    assert (after[clean] == before[clean]).all()
    assert (after[drawn.alpha > 0.1] != before[drawn.alpha > 0.1]).any(axis=1).mean() > 0.9


def test_the_photo_itself_is_not_written_to():
    before = photo()
    soil(before, MIXED)
    assert (before == photo()).all()


def test_alpha_is_what_composites_over_black_and_white_say():
    layer = light_pattern(MIXED, photo())
    black, white = (np.full((HEIGHT, WIDTH, 3), value, np.uint8) for value in (0, 255))
    difference = decoded(composite(white, layer)) - decoded(composite(black, layer))
    assert np.abs(1 - difference - layer.alpha[..., None]).max() <= 2 / 255


def test_light_is_mixed_as_light_and_not_as_numbers_of_a_file():
    # Half of white light is .5, which sRGB writes as 255 * (1.055 * .5 ** (1 / 2.4) - .055) = 187.5.
    layer = SoilingLayer(np.full((1, 1), 0.5, np.float32), np.zeros((1, 1, 3), np.float32))
    assert composite(np.full((1, 1, 3), 255, np.uint8), layer).tolist() == [[[188] * 3]]


def test_a_layer_that_hides_all_shows_its_own_color():
    # Linear .2140 is the grey 127 or 128 of sRGB.
    layer = SoilingLayer(
        np.ones((2, 2), np.float32), np.full((2, 2, 3), to_linear(np.uint8(127)), np.float32)
    )
    assert (composite(photo()[:2, :2], layer) == 127).all()


def test_mud_is_as_bright_as_the_scene_s_light_is():
    drawn = pattern("mud")
    thick = drawn.alpha > 0.95
    dark, bright = (np.full((HEIGHT, WIDTH, 3), value, np.uint8) for value in (90, 180))
    # Twice the light: the mean of twice as bright a scene lights mud twice as bright.
    shares = [decoded(soil(scene, drawn))[thick].mean() / decoded(scene).mean() for scene in (dark, bright)]
    assert shares[0] == pytest.approx(shares[1], rel=0.03)
    assert 0.1 < shares[0] < 0.5


def test_light_is_measured_where_the_lens_sends_it():
    scene = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    scene[np.hypot(x - CIRCLE.cx, y - CIRCLE.cy) <= CIRCLE.radius] = (200, 100, 50)
    light = measure_light(to_linear(scene), pane(FISHEYE))
    np.testing.assert_allclose(light.mean, decoded(np.array([200, 100, 50])), rtol=0.02)
    # Black beside the circle does not darken films near its edge.
    middle = light.around[int(CIRCLE.cy * 96 / WIDTH), int((CIRCLE.cx + 90) * 96 / WIDTH)]
    np.testing.assert_allclose(middle, decoded(np.array([200, 100, 50])), rtol=0.08)


def test_a_photo_of_another_size_is_refused():
    with pytest.raises(ValueError, match=r"\(120, 320, 3\), but the pattern is of 240 x 320"):
        soil(photo()[:120], MIXED)


def test_by_night_lamps_are_bright_and_the_sky_is_not():
    scene = np.full((HEIGHT, WIDTH, 3), 30, np.uint8)
    scene[100:140, 100:130] = 250  # 1.6 % of the image
    light = measure_light(to_linear(scene), pane())
    np.testing.assert_allclose(light.lamps, decoded(np.array([250] * 3)), rtol=0.05)
    np.testing.assert_allclose(light.sky, decoded(np.array([30] * 3)), rtol=0.05)
