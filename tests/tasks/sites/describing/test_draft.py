import numpy as np
import pytest
from pydantic import ValidationError

from blender_assets.lens.pinhole import Perspective
from tasks.sites.describing.draft import check_described, describe, first_draft
from tests.tasks.sites.describing.drafts import changed, fisheye_draft, write_photo


def test_a_photo_with_a_circle_becomes_a_fisheye_that_looks_down(tmp_path):
    draft = fisheye_draft(tmp_path)
    described = describe(draft)
    assert (draft.name, draft.lens.model) == ("empty room", "fisheye_equidistant")
    camera = described.camera
    assert (camera.height_m, camera.tilt_deg, camera.floor.radius_m) == (2.8, 0.0, 3.5)
    assert described.pose_origin == "assumed"
    check_described(draft, described)


def test_a_photo_without_one_takes_the_angle_that_it_says_and_looks_ahead(tmp_path):
    draft = first_draft(write_photo(tmp_path / "a.jpg", {0xA405: 18}))
    described = describe(draft)
    assert draft.lens == Perspective(model="perspective", hfov_deg=90.0)
    assert described.camera.tilt_deg == 45 and described.camera.floor.polygon_px
    check_described(draft, described)


def test_marks_give_the_pose_and_a_typed_one_outweighs_them(tmp_path):
    draft = fisheye_draft(tmp_path)
    circle = draft.lens.circle_px  # pyright: ignore[reportAttributeAccessIssue]
    head_px = circle.cy + circle.radius * np.degrees(np.arctan(2)) / 90
    mark = {
        "kind": "person",
        "start_px": [circle.cx, circle.cy + circle.radius / 2],
        "end_px": [circle.cx, head_px],
        "size_m": 1.75,
    }
    marked = changed(draft, marks=[mark])
    described = describe(marked)
    assert described.pose_origin == "clicked" and described.camera.height_m == pytest.approx(3.5, rel=0.01)
    typed = describe(changed(marked, typed_pose={"height_m": 3.1, "tilt_deg": 20}))
    assert typed.pose_origin == "typed" and (typed.camera.height_m, typed.camera.tilt_deg) == (3.1, 20)


def test_a_corner_outside_the_lens_is_told(tmp_path):
    draft = changed(fisheye_draft(tmp_path), floor_px=[[1, 1], [200, 100], [100, 200]])
    with pytest.raises(ValueError, match="outside what the lens shows"):
        check_described(draft, describe(draft))


def test_a_mark_needs_a_size(tmp_path):
    mark = {"kind": "person", "start_px": [1, 2], "end_px": [3, 4], "size_m": 0}
    with pytest.raises(ValidationError, match="greater than 0"):
        changed(fisheye_draft(tmp_path), marks=[mark])


def test_a_file_that_is_no_photo_is_one_line(tmp_path):
    (tmp_path / "a.jpg").write_text("no photo")
    with pytest.raises(ValueError, match="cannot be read as an image"):
        first_draft(tmp_path / "a.jpg")


def test_a_floor_of_two_points_is_refused(tmp_path):
    with pytest.raises(ValidationError, match="three points or none"):
        changed(fisheye_draft(tmp_path), floor_px=[[1, 2], [3, 4]])
