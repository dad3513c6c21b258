import os

import pytest

from blender_assets.site import load_site
from flows.commands.site_page.session import (
    FileIsKept,
    SitePlaces,
    is_foreign,
    keep_draft,
    open_draft,
    save_site,
    saved_state,
)
from tests.tasks.sites.describing.drafts import changed, fisheye_draft, write_photo


@pytest.fixture
def places(tmp_path) -> SitePlaces:
    fisheye_draft(tmp_path)
    (tmp_path / "sites").mkdir()
    return SitePlaces(tmp_path / "empty_room.png", tmp_path / "sites/site.yaml")


def test_the_saved_file_finds_the_photo_from_where_it_lies(places):
    draft, was_left = open_draft(places)
    saved = save_site(draft, places, replaces=False)
    assert not was_left and load_site(places.site).backgrounds[0].image == "../empty_room.png"
    assert saved_state(saved, places)["is_saved"] and not is_foreign(saved, places)
    assert os.listdir(places.site.parent) == ["site.yaml"]  # noqa: PTH208


def test_a_file_that_a_person_wrote_or_changed_is_kept_unless_told(places):
    draft, _ = open_draft(places)
    places.site.write_text("mine")
    with pytest.raises(FileIsKept, match="was not made here; it is kept"):
        save_site(draft, places, replaces=False)
    assert places.site.read_text() == "mine"
    saved = save_site(draft, places, replaces=True)
    places.site.write_text(places.site.read_text() + "# a word of my own\n")
    with pytest.raises(FileIsKept):
        save_site(saved, places, replaces=False)


def test_what_was_saved_here_may_be_saved_over(places):
    saved = save_site(open_draft(places)[0], places, replaces=False)
    later = changed(saved, name="the hall", saved_digest=saved.saved_digest)
    assert not saved_state(later, places)["is_saved"]
    save_site(later, places, replaces=False)
    assert load_site(places.site).name == "the hall"


def test_a_draft_that_was_left_is_found_again(places):
    draft = changed(open_draft(places)[0], typed_pose={"height_m": 3.2})
    keep_draft(places, draft)
    assert open_draft(places) == (draft, True)


def test_a_draft_of_another_photo_is_one_line(places, tmp_path):
    keep_draft(places, open_draft(places)[0])
    other = SitePlaces(write_photo(tmp_path / "b.jpg", {}), places.site)
    with pytest.raises(
        ValueError, match=r"is of another photo \(empty_room\.png, 400 x 400 pixels\); remove it"
    ):
        open_draft(other)


def test_a_damaged_draft_is_one_line(places):
    places.draft.write_text('{"photo": 1}')
    with pytest.raises(ValueError, match="is no draft of a site; remove it to begin anew"):
        open_draft(places)


def test_a_draft_with_a_problem_is_not_saved(places):
    draft = changed(open_draft(places)[0], floor_px=[[1, 1], [200, 180], [180, 200]])
    with pytest.raises(ValueError, match="the floor has the corner"):
        save_site(draft, places, replaces=False)
    assert not places.site.exists()
