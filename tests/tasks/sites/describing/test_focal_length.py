import pytest
from PIL import ExifTags

from tasks.sites.describing.focal_length import find_focal_length
from tests.tasks.sites.describing.drafts import write_photo


def test_35_mm_equals_a_full_frame_s_angle(tmp_path):
    """A 3:2 photo at 18 mm: 36 mm wide film at 18 mm is 2 atan(18 / 18) = 90 degrees."""
    photo = write_photo(tmp_path / "a.jpg", {ExifTags.Base.FocalLengthIn35mmFilm: 18})
    found = find_focal_length(photo, 300, 200)
    assert found is not None and found.hfov_deg == 90.0 and found.tag == "FocalLengthIn35mmFilm"


def test_a_focal_length_and_the_sensor_s_pixels_are_enough(tmp_path):
    """4 mm at 100 pixels a mm is 400 px in an image that was 600 wide: 2 atan(300 / 400) = 73.74 degrees."""
    tags = {
        ExifTags.Base.FocalLength: 4.0,
        ExifTags.Base.FocalPlaneXResolution: 1000.0,
        ExifTags.Base.FocalPlaneResolutionUnit: 3,
        ExifTags.Base.ExifImageWidth: 600,
    }
    found = find_focal_length(write_photo(tmp_path / "a.jpg", tags), 300, 200)
    assert found is not None and found.hfov_deg == 73.7


@pytest.mark.parametrize(
    "tags", [{}, {ExifTags.Base.FocalLengthIn35mmFilm: 0}, {ExifTags.Base.FocalLength: 4.0}]
)
def test_without_usable_tags_there_is_none(tags, tmp_path):
    assert find_focal_length(write_photo(tmp_path / "a.jpg", tags), 300, 200) is None


def test_an_angle_that_no_such_lens_has_is_not_believed(tmp_path):
    photo = write_photo(tmp_path / "a.jpg", {ExifTags.Base.FocalLengthIn35mmFilm: 1})
    assert find_focal_length(photo, 300, 200) is None
