import math

import pytest
import yaml

from blender_assets.lens.camera import Camera
from blender_assets.lens.pinhole import Perspective
from blender_assets.site import parse_site
from tasks.sites.describing.draft import describe
from tasks.sites.describing.seat_marks import SeatMark, find_seat
from tasks.sites.describing.site_text import site_text
from tests.tasks.sites.describing.drafts import fisheye_draft

DOWN = Camera(Perspective(model="perspective", hfov_deg=90.0), 400, 400, 3.0)


@pytest.mark.parametrize(
    ("ahead_px", "facing_deg"), [((300, 100), 0), ((200, 50), 90), ((100, 100), 180), ((200, 150), -90)]
)
def test_under_a_camera_that_looks_straight_down_a_seat_faces_as_it_was_clicked(ahead_px, facing_deg):
    seat = find_seat(SeatMark(position_px=(200, 100), ahead_px=ahead_px), 1, DOWN)
    assert seat.facing_deg % 360 == pytest.approx(facing_deg % 360, abs=0.1)
    assert (seat.position_px, seat.height_m) == ((200, 100), 0.45)


def test_under_a_tilted_camera_the_direction_is_that_of_the_floor():
    camera = Camera(Perspective(model="perspective", hfov_deg=90.0), 400, 400, 3.0, tilt_deg=40.0)
    (start, end) = camera.project([(1.0, 2.0, 0.45), (1.0 + math.sqrt(3), 3.0, 0.45)])
    seat = find_seat(SeatMark(position_px=tuple(start), ahead_px=tuple(end)), 1, camera)
    assert seat.facing_deg == pytest.approx(30, abs=0.1)


def test_a_seat_that_faces_nowhere_or_lies_in_the_sky_is_one_line():
    with pytest.raises(ValueError, match="seat 3 faces nowhere; click its middle and then a point before it"):
        find_seat(SeatMark(position_px=(200, 100), ahead_px=(200, 100)), 3, DOWN)
    level = Camera(Perspective(model="perspective", hfov_deg=90.0), 400, 400, 3.0, tilt_deg=90.0)
    with pytest.raises(ValueError, match="seat 1 faces nowhere"):
        find_seat(SeatMark(position_px=(200, 300), ahead_px=(200, 100)), 1, level)


def test_the_site_file_has_the_seats_of_the_draft(tmp_path):
    draft = fisheye_draft(tmp_path)
    draft = draft.model_copy(update={"seats": (SeatMark(position_px=(200, 260), ahead_px=(200, 200)),)})
    text = site_text(draft, describe(draft), "empty_room.png")
    (seat,) = parse_site(yaml.safe_load(text), source="it").cameras["ceiling"].seats
    assert (seat.position_px, seat.height_m) == ((200, 260), 0.45)
    assert seat.facing_deg == pytest.approx(90, abs=0.5)
