"""Circles are drawn here with OpenCV, with noise, dark floors, time stamps and cut edges."""

import cv2
import numpy as np
import pytest

from tasks.sites.describing.image_circle import find_circle
from tests.tasks.sites.describing.drafts import fisheye_photo


@pytest.mark.parametrize(
    ("size_px", "middle", "radius"),
    [
        ((400, 400), (200.0, 200.0), 196.0),
        ((480, 400), (231.0, 207.0), 180.0),
        ((480, 300), (238.0, 152.0), 228.0),  # cut above and below
        ((448, 336), (224.0, 168.0), 268.0),  # only the corners are dark
        ((2400, 1600), (1210.0, 805.0), 790.0),  # larger than what is looked at
    ],
)
def test_a_circle_is_found_to_a_pixel_and_a_half(size_px, middle, radius):
    found = find_circle(fisheye_photo(size_px, middle, radius))
    assert found is not None
    circle = found.circle
    assert (circle.cx, circle.cy, circle.radius) == pytest.approx((*middle, radius), abs=1.5)
    assert found.agreeing > 0.9 and found.error_px < 1


def test_a_time_stamp_and_dark_things_at_the_rim_do_not_move_it():
    photo = fisheye_photo((400, 400), (200.0, 200.0), 190.0)
    cv2.putText(photo, "13:00:05", (4, 22), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (255, 255, 255), 2)
    cv2.circle(photo, (200, 385), 60, (0, 0, 0), -1)
    found = find_circle(photo)
    assert found is not None and 0.5 < found.agreeing < 0.97
    circle = found.circle
    assert (circle.cx, circle.cy, circle.radius) == pytest.approx((200, 200, 190), abs=1.5)


def test_surroundings_may_have_any_even_colour():
    found = find_circle(fisheye_photo((400, 400), (205.0, 195.0), 180.0, around=250))
    assert found is not None and found.circle.radius == pytest.approx(180, abs=2.5)


@pytest.mark.parametrize("kind", ["noise", "a dark room", "a frame", "one colour"])
def test_photos_without_a_circle_have_none(kind):
    rng = np.random.default_rng(1)
    photos = {
        "noise": rng.integers(0, 255, (300, 400, 3)),
        "a dark room": np.where(cv2.resize(rng.uniform(0, 1, (12, 16)), (400, 300))[..., None] > 0.6, 120, 4),
        "a frame": np.pad(rng.integers(90, 200, (220, 320, 3)), ((40, 40), (40, 40), (0, 0))),
        "one colour": np.full((300, 400, 3), 90),
    }
    photo = np.broadcast_to(photos[kind], (300, 400, 3)).astype(np.uint8)
    assert find_circle(photo) is None


def test_the_same_photo_gives_the_same_circle():
    photo = fisheye_photo((300, 300), (150.0, 150.0), 140.0)
    assert find_circle(photo) == find_circle(photo.copy())
