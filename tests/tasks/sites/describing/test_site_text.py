import pytest
import yaml

from blender_assets.site import parse_site
from tasks.sites.describing.draft import Draft, describe
from tasks.sites.describing.site_text import site_text
from tests.tasks.sites.describing.drafts import changed, fisheye_draft

TABLE = {
    "name": "the: table #1",
    "height_m": 0.74,
    "polygon_px": [[150, 150], [250, 150], [250, 180]],
    "is_solid": True,
}


def text_of(draft: Draft, image: str = "empty_room.png") -> str:
    return site_text(draft, describe(draft), image)


def test_the_project_s_reader_takes_it_as_it_was_meant(tmp_path):
    draft = changed(
        fisheye_draft(tmp_path), floor_px=[[100, 100], [300, 110], [280.5, 300]], occluders=[TABLE]
    )
    image = 'photos/a "room" #2: ü.png'
    site = parse_site(yaml.safe_load(text_of(draft, image)), source="it")
    assert site.cameras["ceiling"] == describe(draft).camera
    assert site.backgrounds[0].image == image and site.name == "empty room"


@pytest.mark.parametrize(
    "name", ["no", "007", "a: b", "- x", "{y}", "ünder", "0x1f", "1e3", "~", "null", "a #b", "true story"]
)
def test_any_name_stays_what_it_is(name, tmp_path):
    assert yaml.safe_load(text_of(changed(fisheye_draft(tmp_path), name=name)))["name"] == name


def comment(text: str, field: str) -> str:
    (line,) = [line for line in text.splitlines() if line.strip().startswith(f"{field}:")]
    return line.partition("# ")[2].partition(":")[0]


def test_each_value_says_where_it_is_from(tmp_path):
    draft = fisheye_draft(tmp_path)
    first = text_of(draft)
    assert comment(first, "circle_px") == "found" and comment(first, "fov_deg") == "assumed"
    assert comment(first, "height_m") == comment(first, "tilt_deg") == comment(first, "floor") == "assumed"
    lens = draft.lens.model_dump(mode="json")
    moved = {**lens, "fov_deg": 185, "circle_px": {"cx": 201, "cy": 200, "radius": 195}}
    later = text_of(
        changed(
            draft,
            lens=moved,
            is_lens_known=True,
            typed_pose={"height_m": 3},
            floor_px=[[9, 200], [99, 300], [99, 9]],
        )
    )
    assert comment(later, "circle_px") == "clicked" and comment(later, "fov_deg") == "typed"
    assert comment(later, "height_m") == "typed" and comment(later, "floor") == "clicked"


def test_marks_are_counted_and_their_error_is_told(tmp_path):
    middle = [200, 200]
    person = {"kind": "person", "start_px": [200, 297], "end_px": [200, 337], "size_m": 1.75}
    distance = {"kind": "distance", "start_px": middle, "end_px": [200, 297], "size_m": 3.4}
    text = text_of(changed(fisheye_draft(tmp_path), marks=[person, distance], mount="down"))
    assert "# clicked: 1 person, 1 distance; give or take " in text


def test_long_outlines_break_between_points(tmp_path):
    points = [[200 + 0.1 * k, 100 + k] for k in range(60)] + [[120.0, 180.0]]
    text = text_of(changed(fisheye_draft(tmp_path), floor_px=points))
    assert max(map(len, text.splitlines())) <= 125
    assert yaml.safe_load(text)["cameras"]["ceiling"]["floor"]["polygon_px"] == points
