import numpy as np
import pytest

from blender_assets.random_rooms.camera import describe, draw_camera
from blender_assets.random_rooms.layout import draw_room
from blender_assets.sample_site.cameras import looked_at
from blender_assets.site import SiteCamera

WIDTH_PX, HEIGHT_PX = 320, 240


def drawn(number: int):
    rng = np.random.default_rng([3, number])
    room = draw_room(rng)
    return room, draw_camera(room, WIDTH_PX, HEIGHT_PX, rng)


@pytest.mark.parametrize("number", range(60))
def test_a_camera_hangs_in_the_room_looks_into_it_and_its_entry_is_accepted(number):
    room, mounted = drawn(number)
    for point in (np.array(mounted.xy), looked_at(mounted)):
        assert (point > 0).all() and (point < np.array(room.size_m)).all()
    assert 2.4 < mounted.camera.height_m < room.ceiling_m
    entry = SiteCamera.model_validate(describe(room, mounted))
    entry.check_against_image(WIDTH_PX, HEIGHT_PX)


def test_the_described_floor_lies_inside_the_walls():
    for number in range(30):
        room, mounted = drawn(number)
        outline = describe(room, mounted)["floor"]["polygon_px"]
        floor = mounted.camera.pixels_to_plane(outline, 0.0)[:, :2] + np.array(mounted.xy)
        assert (floor > 0).all() and (floor < np.array(room.size_m)).all()


def test_both_lenses_and_tilts_are_drawn():
    cameras = [drawn(number)[1].camera for number in range(40)]
    assert {camera.lens.model for camera in cameras} == {"fisheye_equidistant", "perspective"}
    assert max(camera.tilt_deg for camera in cameras) > 30 and min(camera.tilt_deg for camera in cameras) == 0


def test_tables_are_open_below_and_cupboards_are_not():
    described = [entry for number in range(40) for entry in describe(*drawn(number))["occluders"]]
    solid = {entry["name"]: bool(entry.get("is_solid")) for entry in described}
    assert solid["desk"] is False and solid["table"] is False and solid["shelf"] is True
