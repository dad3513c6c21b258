"""A draft as the text of a site file, with a word on where each value is from and how sure it is."""

import json
import textwrap
from collections.abc import Sequence

from blender_assets.lens.fisheye import Fisheye
from blender_assets.site import Occluder, PointPx, Seat
from tasks.sites.describing.draft import CAMERA, USUAL_FOV_DEG, Described, Draft

_WIDTH = 100


def site_text(draft: Draft, described: Described, image: str) -> str:
    """YAML that `load_site` reads. `image`: the photo's place, relative to the site file."""
    lines = [
        "# Made by `python -m flows site new`. Comments say where values are from: found in the photo, clicked on the",
        "# page, typed there, or assumed. What is assumed is worth checking.",
        f"name: {_quoted(draft.name)}",
        "cameras:",
        f"  {CAMERA}:",
        "    lens:",
        *(f"      {line}" for line in _lens_lines(draft)),
        *(f"    {line}" for line in [*_pose_lines(draft, described), *_floor_lines(draft, described)]),
        *(f"    {line}" for line in _occluder_lines(draft.occluders)),
        *(f"    {line}" for line in _seat_lines(described.camera.seats)),
        "backgrounds:",
        f"  - {{image: {_quoted(image)}, camera: {CAMERA}}}  # {draft.photo.width_px} x {draft.photo.height_px} pixels",
    ]
    return "\n".join(lines) + "\n"


def _lens_lines(draft: Draft) -> list[str]:
    values = draft.lens.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    model = values.pop("model")
    lines = [f"model: {model}  # {_model_words(draft)}"]
    circle = values.pop("circle_px", None)
    for name, value in values.items():
        lines.append(f"{name}: {_number(value)}  # {_angle_words(draft, name)}")
    if circle:
        inner = ", ".join(f"{name}: {_number(value)}" for name, value in circle.items())
        lines.append(f"circle_px: {{{inner}}}  # {_circle_words(draft)}")
    return lines


def _model_words(draft: Draft) -> str:
    if draft.is_lens_known:
        return "typed"
    if draft.photo.circle is not None and isinstance(draft.lens, Fisheye):
        return "found: a bright circle, so a fisheye; assumed: the usual kind of fisheye"
    if draft.photo.circle is None and not isinstance(draft.lens, Fisheye):
        return "assumed: no bright circle was found, so no fisheye"
    return "typed"


def _angle_words(draft: Draft, name: str) -> str:
    if draft.is_lens_known:
        return "typed"
    found = draft.photo.focal_length
    if name == "hfov_deg" and found is not None:
        return f"found: the photo's EXIF tag {found.tag}; right unless the photo was cropped"
    if name == "fov_deg":
        return f"assumed: most ceiling fisheyes have {USUAL_FOV_DEG:g}; the camera's data sheet knows"
    return "assumed: nothing in the photo says it; the camera's data sheet knows"


def _circle_words(draft: Draft) -> str:
    found = draft.photo.circle
    if found is None or found.circle != getattr(draft.lens, "circle_px", None):
        return "clicked: drawn over the photo"
    return f"found: {found.agreeing:.0%} of the edge lies on it, within {found.error_px:.1f} px"


def _pose_lines(draft: Draft, described: Described) -> list[str]:
    camera, estimate = described.camera, described.estimate
    if described.pose_origin == "typed":
        words = tilt_words = "typed"
    elif estimate is None:
        words = "assumed: a usual ceiling; click a person of known height to know it"
        tilt_words = (
            "assumed: straight down" if camera.tilt_deg == 0 else "assumed: a camera that looks into the room"
        )
    else:
        words = f"clicked: {_count(draft)}; give or take {2 * described.height_error:.0%}"
        tilt_words = (
            "clicked: straight down explains them"
            if camera.tilt_deg == 0
            else f"clicked: give or take {2 * estimate.tilt_error_deg:.1f} degrees"
        )
    lines = [
        f"height_m: {_number(camera.height_m)}  # {words}",
        f"tilt_deg: {_number(camera.tilt_deg)}  # {tilt_words}",
    ]
    if camera.roll_deg:
        lines.append(f"roll_deg: {_number(camera.roll_deg)}  # {tilt_words}")
    return lines


def _count(draft: Draft) -> str:
    words = {"person": ("person", "people"), "door": ("door", "doors"), "distance": ("distance", "distances")}
    counts = {kind: sum(mark.kind == kind for mark in draft.marks) for kind in words}
    return ", ".join(f"{count} {words[kind][count > 1]}" for kind, count in counts.items() if count)


def _floor_lines(draft: Draft, described: Described) -> list[str]:
    floor = described.camera.floor
    if floor.radius_m is not None:
        return [
            f"floor: {{radius_m: {_number(floor.radius_m)}}}  # assumed: draw where people may stand, or say how far"
        ]
    assert floor.polygon_px is not None
    words = (
        "clicked"
        if draft.floor_px
        else "assumed: all the floor near the camera, also below tables; draw what is free"
    )
    return [f"floor:  # {words}", *(f"  {line}" for line in _polygon_lines(floor.polygon_px))]


def _occluder_lines(occluders: Sequence[Occluder]) -> list[str]:
    lines = (
        ["occluders:  # clicked: the outlines of their tops; their heights were typed"] if occluders else []
    )
    for occluder in occluders:
        lines.append(f"  - name: {_quoted(occluder.name)}")
        lines.append(f"    height_m: {_number(occluder.height_m)}")
        lines += ["    is_solid: true"] if occluder.is_solid else []
        lines += [f"    {line}" for line in _polygon_lines(occluder.polygon_px)]
    return lines


def _seat_lines(seats: Sequence[Seat]) -> list[str]:
    lines = ["seats:  # clicked: the middle of each, and where it faces; their heights were typed"]
    for seat in seats:
        x, y = (_number(value) for value in seat.position_px)
        numbers = f"height_m: {_number(seat.height_m)}, facing_deg: {_number(seat.facing_deg)}"
        lines.append(f"  - {{position_px: [{x}, {y}], {numbers}}}")
    return lines if seats else []


def _polygon_lines(points: Sequence[PointPx]) -> list[str]:
    text = "polygon_px: [" + ", ".join(f"[{_number(x)}, {_number(y)}]" for x, y in points) + "]"
    # Between points alone, so that none is broken in two.
    joined = text.replace(", [", ",~[").replace(", ", "\0").replace(",~[", ", [")
    lines = textwrap.wrap(
        joined, _WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    return [line.replace("\0", ", ") for line in lines]


def _number(value: float) -> str:
    return f"{value:g}" if isinstance(value, int) else f"{round(float(value), 6):.10g}"


def _quoted(text: str) -> str:
    """As JSON, which is YAML too; plain where that is the same."""
    is_plain = text.replace("_", "").replace(" ", "").replace("-", "").isalpha() and text == text.strip()
    is_word = text.lower() in ("yes", "no", "true", "false", "null", "on", "off", "y", "n", "nan", "inf")
    return (
        text
        if is_plain and text.isascii() and not is_word and text[0].isalpha()
        else json.dumps(text, ensure_ascii=False)
    )
