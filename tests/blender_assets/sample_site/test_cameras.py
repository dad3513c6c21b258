import numpy as np
import pytest

from blender_assets.sample_site.cameras import CameraName, mount_camera, outline_px, site_description
from blender_assets.sample_site.room import list_surfaces
from blender_assets.sample_site.settings import SampleSiteSettings
from blender_assets.site import parse_site

SETTINGS = SampleSiteSettings()
NAMES: tuple[CameraName, ...] = ("fisheye", "perspective")


def test_the_site_file_is_one_that_the_program_accepts() -> None:
    site = parse_site(site_description(SETTINGS), source="sample")
    for camera in site.cameras.values():
        camera.check_against_image(SETTINGS.width_px, SETTINGS.height_px)
    assert len(site.backgrounds) == 6
    assert {background.time for background in site.backgrounds} == {"morning", "noon", "evening"}


def test_outlines_of_desks_lift_back_to_where_the_desks_stand() -> None:
    mounted = mount_camera("fisheye", SETTINGS)
    seen_whole = 0
    for surface in list_surfaces():
        outline = outline_px(mounted, surface.corners(), step_m=0.05)
        if len(outline) != 4:
            continue
        seen_whole += 1
        lifted = mounted.camera.pixels_to_plane(outline, surface.height_m) + np.array([*mounted.xy, 0])
        assert lifted == pytest.approx(surface.corners(), abs=0.03)
    assert seen_whole >= 4


@pytest.mark.parametrize("name", NAMES)
def test_seats_lie_on_the_described_floor(name: CameraName) -> None:
    camera = site_description(SETTINGS)["cameras"][name]
    mounted = mount_camera(name, SETTINGS)
    assert len(camera["seats"]) >= 3
    floor = mounted.camera.pixels_to_plane(camera["floor"]["polygon_px"], 0.0)
    for seat in camera["seats"]:
        point = mounted.camera.pixels_to_plane([seat["position_px"]], seat["height_m"])[0]
        assert (point[:2] > floor[:, :2].min(axis=0)).all() and (point[:2] < floor[:, :2].max(axis=0)).all()


def test_a_smaller_image_moves_the_outlines_in_proportion() -> None:
    half = site_description(SampleSiteSettings(width_px=224, height_px=168))
    whole = site_description(SETTINGS)
    polygons = [site["cameras"]["fisheye"]["occluders"][1]["polygon_px"] for site in (half, whole)]
    assert np.array(polygons[0]) * 2 == pytest.approx(np.array(polygons[1]), abs=0.5)
