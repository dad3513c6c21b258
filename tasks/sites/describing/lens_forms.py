"""The lenses that a person may choose, with the numbers that each takes."""

from typing import get_args

from pydantic import BaseModel

from blender_assets.lens.models import Lens

_TITLES = {
    "fisheye_equidistant": "Fisheye, the usual kind",
    "fisheye_equisolid": "Fisheye, equisolid",
    "perspective": "No fisheye: straight lines stay straight",
    "fisheye_polynomial": "Calibrated: fisheye polynomial",
    "opencv_fisheye": "Calibrated: OpenCV fisheye",
    "opencv_pinhole": "Calibrated: OpenCV pinhole",
}


class LensForm(BaseModel):
    """One kind of lens: its name in a site file, its title, and the names of its numbers."""

    model: str
    title: str
    numbers: list[str]
    has_circle: bool


def lens_forms() -> list[dict[str, object]]:
    kinds = {kind.model_fields["model"].annotation: kind for kind in get_args(get_args(Lens)[0])}
    named = {get_args(annotation)[0]: kind for annotation, kind in kinds.items()}
    assert set(named) == set(_TITLES)
    return [_form(model, named[model]).model_dump() for model in _TITLES]


def _form(model: str, kind: type[BaseModel]) -> LensForm:
    fields = kind.model_fields
    numbers = [name for name in fields if name not in ("model", "circle_px")]
    return LensForm(model=model, title=_TITLES[model], numbers=numbers, has_circle="circle_px" in fields)
