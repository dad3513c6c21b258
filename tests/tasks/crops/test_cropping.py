import numpy as np
import pytest

from tasks.crops.cropping import CropConfig, crop_to_image_matrix, cut, plan_crops
from tasks.datasets.annotations import AnnotatedImage, Annotation

CONFIG = CropConfig(size_px=32, head_at=(0.5, 0.25))


def head(box, visibility=1.0):
    return Annotation("head", box, 1, visibility)


def image_with(*heads, nadir=(50.0, 40.0)):
    return AnnotatedImage("images/a.png", 100, 80, nadir, tuple(heads))


def test_the_head_is_at_its_place_and_outward_is_up():
    matrix = crop_to_image_matrix((70.0, 40.0), (50.0, 40.0), CONFIG)
    # head_at (0.5, 0.25) of 32 px is the point (16, 8), index (15.5, 7.5); the head's point (70, 40) is index (69.5, 39.5)
    np.testing.assert_allclose(matrix @ [15.5, 7.5, 1], [69.5, 39.5])
    # one crop pixel upwards leads one pixel away from the nadir, to the right in the image
    np.testing.assert_allclose(matrix @ [15.5, 6.5, 1], [70.5, 39.5], atol=1e-12)
    # right in the crop is down in the image: turned, not mirrored
    np.testing.assert_allclose(matrix @ [16.5, 7.5, 1], [69.5, 40.5], atol=1e-12)
    assert np.linalg.det(matrix[:, :2]) == pytest.approx(1.0)


def test_a_head_straight_below_the_camera_is_cut_without_rotation():
    matrix = crop_to_image_matrix((50.0, 40.0), (50.0, 40.0), CONFIG)
    np.testing.assert_allclose(matrix[:, :2], np.eye(2), atol=1e-12)


def test_scale_widens_what_a_crop_shows():
    config = CropConfig(size_px=32, source_px_per_crop_px=2.0)
    matrix = crop_to_image_matrix((70.0, 40.0), (50.0, 40.0), config)
    assert np.linalg.norm(matrix[:, 0]) == pytest.approx(2.0)


@pytest.mark.parametrize("angle_deg", [0, 33, 90, 147, 200, 301])
def test_a_marked_head_lands_on_the_same_crop_point_from_every_side_to_a_tenth_of_a_pixel(angle_deg):
    angle = np.radians(angle_deg)
    point = np.array([100.0, 100.0]) + 60 * np.array([np.cos(angle), np.sin(angle)])
    rows, columns = np.mgrid[:200, :200] + 0.5
    spot = np.exp(-((columns - point[0]) ** 2 + (rows - point[1]) ** 2) / (2 * 2.0**2))
    image = np.repeat((spot * 255).astype(np.uint8)[..., None], 3, axis=2)
    crop = cut(image, crop_to_image_matrix(tuple(point), (100.0, 100.0), CONFIG), 32)[..., 0].astype(float)
    y, x = np.mgrid[:32, :32] + 0.5
    centroid = (crop * x).sum() / crop.sum(), (crop * y).sum() / crop.sum()
    np.testing.assert_allclose(centroid, (16, 8), atol=0.1)


def test_crops_reach_over_the_border_by_reflection():
    image = np.zeros((80, 100, 3), np.uint8)
    image[:, :10] = 200
    crop = cut(image, crop_to_image_matrix((2.0, 40.0), (50.0, 40.0), CONFIG), 32)
    assert crop.min() >= 0 and crop[0].min() == 200  # 6 px above the head lie outside: reflected, not black


def test_a_crop_that_shows_more_than_its_pixels_does_not_alias():
    stripes = np.zeros((200, 200, 3), np.uint8)
    stripes[:, ::2] = 255  # finer than the crop can show: it must become grey, not bands
    config = CropConfig(size_px=32, source_px_per_crop_px=3.0)
    crop = cut(stripes, crop_to_image_matrix((100.0, 60.0), (100.0, 160.0), config), 32)
    assert crop.std() < 25


def test_hidden_heads_are_not_cut_and_heads_at_the_border_are():
    image = image_with(head((40, 30, 50, 40), visibility=0.1), head((-4, 30, 6, 40)))
    crops = plan_crops(image, CONFIG)
    assert [crop.name for crop in crops] == ["a_1.png"]
