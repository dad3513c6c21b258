from typing import get_args

from pydantic import TypeAdapter

from blender_assets.lens.models import Lens
from tasks.sites.describing.lens_forms import lens_forms


def test_every_lens_of_a_site_file_may_be_chosen():
    forms = {form["model"]: form for form in lens_forms()}
    assert len(forms) == len(get_args(get_args(Lens)[0])) == 6
    assert (
        forms["fisheye_equidistant"]["numbers"] == ["fov_deg"] and forms["fisheye_equidistant"]["has_circle"]
    )
    assert not forms["perspective"]["has_circle"]


def test_what_a_form_asks_for_makes_such_a_lens():
    form = next(form for form in lens_forms() if form["model"] == "fisheye_equisolid")
    lens = TypeAdapter(Lens).validate_python({"model": form["model"], **dict.fromkeys(form["numbers"], 170)})
    assert lens.model == "fisheye_equisolid"
