import pytest
from pydantic import ValidationError

from blender_assets.settings import RenderSettings


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"sitting_people": (3, 1)}, r"sitting_people must be \(least, most\)"),
        ({"num_lights": (1, 9)}, "num_lights must be at most 4"),
        ({"standing_people": (0, 120)}, "at most 100 people"),
        ({"sample": 8}, "Extra inputs"),
    ],
)
def test_settings_that_cannot_be_rendered_are_refused(fields, message):
    with pytest.raises(ValidationError, match=message):
        RenderSettings(**fields)
