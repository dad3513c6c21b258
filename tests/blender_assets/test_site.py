import copy
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from blender_assets.site import check_photo, load_site, parse_site
from blender_assets.surroundings import lift_surroundings, signed_area

SITE = {
    "name": "room",
    "cameras": {
        "ceiling": {
            "lens": {"model": "fisheye_equidistant", "fov_deg": 180},
            "height_m": 3.0,
            "floor": {"radius_m": 2.5},
            "occluders": [
                {"name": "table", "height_m": 1.0, "polygon_px": [[80, 80], [80, 60], [120, 60], [120, 80]]}
            ],
            "seats": [{"position_px": [100, 120], "height_m": 0.45, "facing_deg": 90}],
        }
    },
    "backgrounds": [{"image": "empty.png", "camera": "ceiling"}],
}


def write_site(folder: Path, content: dict) -> Path:
    Image.new("RGB", (200, 200), (90, 90, 90)).save(folder / "empty.png")
    path = folder / "site.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def changed(**camera_fields) -> dict:
    site = copy.deepcopy(SITE)
    site["cameras"]["ceiling"].update(camera_fields)
    return site


def test_a_good_site_loads(tmp_path):
    site = load_site(write_site(tmp_path, SITE))
    assert site.cameras["ceiling"].occluders[0].name == "table"
    assert site.cameras["ceiling"].tilt_deg == 0


def test_a_missing_lens_is_named_with_what_to_write():
    site = copy.deepcopy(SITE)
    del site["cameras"]["ceiling"]["lens"]
    with pytest.raises(ValueError, match=r"cameras\.ceiling\.lens is missing; give .*fisheye_equidistant"):
        parse_site(site, source="site.yaml")


def test_a_yes_is_no_number_of_metres_or_degrees():
    with pytest.raises(
        ValueError, match=r"site\.yaml: cameras\.ceiling\.height_m must be a number, but was True"
    ):
        parse_site(changed(height_m=True), source="site.yaml")
    lens = {"model": "fisheye_equidistant", "fov_deg": True}
    with pytest.raises(ValueError, match=r"cameras\.ceiling\.lens\.fov_deg must be a number, but was True"):
        parse_site(changed(lens=lens), source="site.yaml")


def test_a_misspelt_field_is_named():
    with pytest.raises(ValueError, match=r"cameras\.ceiling\.hight_m is not a known field"):
        parse_site(changed(hight_m=3), source="site.yaml")


def test_a_background_of_an_unknown_camera_is_refused_with_the_known_ones():
    site = copy.deepcopy(SITE)
    site["backgrounds"][0]["camera"] = "door"
    with pytest.raises(ValueError, match=r"'door', but the site has the cameras \['ceiling'\]"):
        parse_site(site, source="site.yaml")


def test_a_floor_needs_exactly_one_form():
    with pytest.raises(ValueError, match="exactly one of radius_m and polygon_px"):
        parse_site(changed(floor={}), source="site.yaml")


def test_an_empty_file_is_explained():
    with pytest.raises(ValueError, match="a site file is a mapping"):
        parse_site(None, source="site.yaml")


def check(folder: Path, content: dict) -> None:
    site = load_site(write_site(folder, content))
    check_photo(site, site.backgrounds[0], width_px=200, height_px=200)


def test_a_missing_site_file_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"there is no site file .*gone\.yaml"):
        load_site(tmp_path / "gone.yaml")


def test_a_polygon_outside_the_image_is_refused(tmp_path):
    table = {"name": "table", "height_m": 0.7, "polygon_px": [[80, 60], [250, 60], [120, 80]]}
    with pytest.raises(ValueError, match=r"cameras\.ceiling\.occluders\.0 \(table\).*\[250, 60\].*200 x 200"):
        check(tmp_path, changed(occluders=[table]))


def test_an_occluder_higher_than_the_camera_is_refused(tmp_path):
    shelf = {"name": "shelf", "height_m": 3.2, "polygon_px": [[80, 60], [120, 60], [120, 80]]}
    with pytest.raises(ValueError, match=r"height_m 3\.2, but the camera hangs at 3"):
        check(tmp_path, changed(occluders=[shelf]))


def test_a_floor_above_the_horizon_is_refused(tmp_path):
    fields = {
        "lens": {"model": "perspective", "hfov_deg": 60},
        "tilt_deg": 90,
        "floor": {"polygon_px": [[20, 20], [180, 20], [100, 150]]},
        "occluders": [],
        "seats": [],
    }
    with pytest.raises(ValueError, match="above the horizon"):
        check(tmp_path, changed(**fields))


def test_a_table_top_is_lifted_to_its_height_counter_clockwise():
    surroundings = lift_surroundings(
        parse_site(SITE, source="site.yaml").cameras["ceiling"], width_px=200, height_px=200
    )
    table = surroundings.occluders[0]
    assert signed_area(table.top_xy) > 0
    # The corner (80, 80) is 20 px left and up of the centre: sqrt(800) px of 100 for 90 degrees, 2 m below.
    aside_m = 2.0 * np.tan(np.radians(90 * np.sqrt(800) / 100)) / np.sqrt(2)
    assert np.abs(table.top_xy - [-aside_m, aside_m]).sum(axis=1).min() < 1e-9
    assert (table.bottom_m, table.top_m) == (0.96, 1.0)


def test_a_seat_is_lifted_to_its_own_height():
    surroundings = lift_surroundings(
        parse_site(SITE, source="site.yaml").cameras["ceiling"], width_px=200, height_px=200
    )
    # 20 px below the centre is 18 degrees, 2.55 m below the camera.
    np.testing.assert_allclose(surroundings.seats[0].xy, [0, -2.55 * np.tan(np.radians(18))], atol=1e-9)


def test_a_lens_without_a_model_is_told_what_to_write():
    with pytest.raises(ValueError, match=r"cameras\.ceiling\.lens has no model; give .*fisheye_equidistant"):
        parse_site(changed(lens={"fov_deg": 180}), source="site.yaml")


def test_a_missing_number_of_a_calibrated_lens_is_named():
    with pytest.raises(ValueError, match=r"cameras\.ceiling\.lens\.opencv_fisheye\.cy is missing"):
        parse_site(
            changed(lens={"model": "opencv_fisheye", "fx": 90, "fy": 90, "cx": 99}), source="site.yaml"
        )


def test_a_lens_that_does_not_fit_the_photo_is_refused_with_the_photo_s_name(tmp_path):
    lens = {"model": "opencv_pinhole", "fx": 900, "fy": 900, "cx": 960, "cy": 540}
    with pytest.raises(ValueError, match=r"empty\.png: cameras\.ceiling\.lens: .*scale fx, fy, cx and cy"):
        check(tmp_path, changed(lens=lens))


def test_a_polygon_in_the_dark_outside_the_lens_circle_is_refused(tmp_path):
    circle = {"cx": 100, "cy": 100, "radius": 90}
    lens = {"model": "fisheye_equidistant", "fov_deg": 160, "circle_px": circle}
    floor = {"polygon_px": [[40, 60], [160, 60], [175, 175]]}
    with pytest.raises(ValueError, match=r"floor\.polygon_px has the point \[175, 175\], which lies outside"):
        check(tmp_path, changed(lens=lens, floor=floor))
