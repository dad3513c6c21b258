from dataclasses import replace

import numpy as np
import pytest

from blender_assets.compositing import (
    Finish,
    RenderedLayers,
    composite,
    depth_millimetres,
    float_to_linear,
    linear_to_srgb,
    make_backdrop,
    person_mask,
    shadow_fade,
    srgb_to_linear,
    stretch_contrast,
)
from blender_assets.scene import FIRST_FURNITURE_INDEX, CatcherDisc
from blender_assets.sensor import SensorDraw
from blender_assets.sharpening import NO_SHARPENING, Sharpening, sharpen

SENSOR = SensorDraw(blur_px=0, noise_grey=0, jpeg_quality=None, exposure_ms=0)
PLAIN = Finish(shadow_strength=1.0, sensor=SENSOR, shifts_px={})
SEEN = np.ones((40, 40), dtype=bool)
PHOTO = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)


def layers(rgb: float, alpha: float, index: int, *, shadow: float = 0.0) -> RenderedLayers:
    """A square of 20 pixels in the middle, nothing around it."""
    inside = np.zeros((40, 40), dtype=np.float32)
    inside[10:30, 10:30] = 1
    return RenderedLayers(
        rgb=np.repeat((rgb * inside)[..., None], 3, axis=2),
        alpha=alpha * inside,
        object_index=(index * inside).astype(np.int32),
        distance_m=np.where(inside > 0, np.float32(2.5), np.float32(1e10)),
        shadow=shadow * inside,
    )


def run(
    of: RenderedLayers,
    fade: float = 1.0,
    finish: Finish = PLAIN,
    *,
    seen: np.ndarray = SEEN,
    photo: np.ndarray = PHOTO,
    sharpening: Sharpening = NO_SHARPENING,
) -> np.ndarray:
    fades = np.full((40, 40), fade, dtype=np.float32)
    backdrop = make_backdrop(photo, seen, sharpening)
    return composite(backdrop, of, fades, finish, np.random.default_rng(1))


def test_srgb_goes_there_and_back_and_its_middle_grey_is_known():
    values = np.arange(256, dtype=np.uint8)
    assert np.array_equal(np.round(linear_to_srgb(srgb_to_linear(values))), values)
    assert srgb_to_linear(values)[188] == pytest.approx(0.5, abs=0.003)


def test_unrounded_grey_levels_become_the_same_light():
    values = np.arange(256, dtype=np.uint8)
    assert float_to_linear(values.astype(np.float32)) == pytest.approx(srgb_to_linear(values), abs=1e-6)
    assert float_to_linear(np.array([-20.0, 300.0], np.float32)) == pytest.approx([0, 1])


def test_an_opaque_person_replaces_the_photo_and_nothing_else_changes():
    image = run(layers(0.5, 1.0, 1))
    assert np.abs(image[12:28, 12:28].astype(int) - 188).max() <= 1
    outside = np.ones((40, 40), dtype=bool)
    outside[10:30, 10:30] = False
    assert np.array_equal(image[outside], PHOTO[outside])


def test_a_shadow_halves_the_photo_in_linear_light():
    image = run(layers(0.0, 0.0, 0, shadow=0.5))
    expected = linear_to_srgb(srgb_to_linear(PHOTO) / 2)[15:25, 15:25]
    assert np.abs(image[15:25, 15:25] - expected).max() <= 0.51


def test_a_shadow_that_has_faded_out_leaves_the_photo_as_it_was():
    assert np.array_equal(run(layers(0.0, 0.0, 0, shadow=0.5), fade=0.0), PHOTO)


def test_a_shadow_lies_under_the_person_who_hides_it():
    half_seen_through = run(layers(0.25, 0.5, 1, shadow=0.5))
    expected = linear_to_srgb(srgb_to_linear(PHOTO) / 4 + 0.25)[15:25, 15:25]
    assert np.abs(half_seen_through[15:25, 15:25] - expected).max() <= 0.51


def test_nothing_is_drawn_outside_the_lens_circle():
    seen = np.zeros((40, 40), dtype=bool)
    assert np.array_equal(run(layers(0.5, 1.0, 1), seen=seen), PHOTO)


def test_noise_lies_on_people_only_and_has_the_strength_asked_for():
    finish = replace(PLAIN, sensor=replace(SENSOR, noise_grey=4.0))
    image = run(layers(0.2, 1.0, 1), finish=finish).astype(float)
    assert 2.5 < image[13:27, 13:27, 0].std() < 5.5
    assert np.array_equal(image[:8], PHOTO[:8])


def test_a_sharpening_camera_leaves_seams_on_both_sides_of_a_person():
    sharpening = Sharpening(0.8, 1.2)
    flat = np.full((40, 40, 3), 100, np.uint8)
    image = run(layers(0.5, 1.0, 1), photo=flat, sharpening=sharpening).astype(int)
    plain = np.full((40, 40, 3), 100, np.float32)
    plain[10:30, 10:30] = 187.5  # 0.5 in linear light
    assert np.abs(image - np.clip(sharpen(plain, sharpening), 0, 255)).max() <= 1
    assert image[20, 10, 0] > 200 and image[20, 9, 0] < 90
    assert np.array_equal(image[:4], flat[:4])


def test_a_sharpened_photo_is_not_sharpened_again_where_a_person_barely_covers_it():
    barely = run(layers(0.002, 0.004, 1), sharpening=Sharpening(1.0, 1.5))
    assert np.abs(barely.astype(int) - PHOTO).max() <= 4


def test_contrast_stretches_light_around_the_middle_grey_and_not_coverage():
    finish = replace(PLAIN, contrast=2.0, middle_grey=0.2)
    stretched = stretch_contrast(layers(0.2, 0.5, 1), finish)
    # what covers half of the pixel shines with 0.4, twice the middle; squared that is four times
    assert stretched[20, 20] == pytest.approx(0.5 * 0.2 * 4)
    assert (stretched[2, 2] == 0).all()
    assert stretch_contrast(layers(0.2, 1.0, 1), finish)[20, 20] == pytest.approx(0.2)


def test_colours_gain_with_contrast():
    red = replace(layers(0.2, 1.0, 1), rgb=layers(1.0, 1.0, 1).rgb * np.array([0.4, 0.2, 0.1], np.float32))
    pixel = stretch_contrast(red, replace(PLAIN, contrast=1.5, middle_grey=0.2))[20, 20]
    assert pixel[0] / pixel[2] == pytest.approx(4**1.5)


def test_jpeg_coding_changes_people_and_not_the_photo_around_them():
    finish = replace(PLAIN, sensor=replace(SENSOR, noise_grey=4.0, jpeg_quality=20))
    coded, plain = run(layers(0.2, 1.0, 1), finish=finish), run(layers(0.2, 1.0, 1))
    assert not np.array_equal(coded[12:28, 12:28], plain[12:28, 12:28])
    assert np.array_equal(coded[:8], PHOTO[:8])


def test_chairs_are_drawn_but_are_nobody_in_the_mask():
    chair = layers(0.5, 1.0, FIRST_FURNITURE_INDEX + 2)
    assert person_mask(chair, SEEN).max() == 0
    assert not np.array_equal(run(chair), PHOTO)


def test_shadows_are_full_near_people_and_gone_at_the_end_of_the_catcher():
    x = np.array([[0.0, 0.6, 1.0, 1.499, 1.6, np.nan]])
    floor_xy = np.stack([x, np.zeros_like(x)], axis=-1).astype(np.float32)
    fade = shadow_fade(floor_xy, [CatcherDisc((0.0, 0.0), 0.5)], margin_m=1.0)[0]
    assert fade[0] == fade[1] == 1
    assert 0 < fade[2] < 1
    assert fade[3] < 1e-3
    assert fade[4] == 0
    assert fade[5] == 0


def test_depth_is_that_of_chairs_and_people_in_millimetres_and_0_elsewhere():
    chair = layers(0.5, 1.0, FIRST_FURNITURE_INDEX + 2)
    people_m = np.zeros((40, 40), dtype=np.float32)
    people_m[10:15, 10:30] = 1.2345
    depth = depth_millimetres(chair, np.ones((40, 40), dtype=bool), people_m)
    assert depth.dtype == np.uint16
    assert (depth[12, 20], depth[20, 20], depth[2, 2]) == (1234, 2500, 0)
