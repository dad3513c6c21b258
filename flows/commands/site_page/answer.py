"""What the page is told after every change: the camera that follows, figures to draw, and what to do next."""

import re
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from blender_assets.lens.fisheye import Fisheye
from blender_assets.site import PointPx
from tasks.sites.describing.camera_pose import PoseEstimate
from tasks.sites.describing.draft import CAMERA, Described, Draft, check_described, describe
from tasks.sites.describing.figures import Figure, figures_on

_USUAL_HEIGHTS_M = (1.8, 12.0)
_SURE, _ROUGH = 0.05, 0.12  # one standard deviation of the height


class Answer(BaseModel):
    """`problem` is one line where no site file can be made of the draft; then the rest is empty."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    problem: str | None = None
    words: str = ""
    hints: list[str] = []
    height_m: float | None = None
    tilt_deg: float | None = None
    roll_deg: float | None = None
    is_pose_known: bool = False
    floor_px: list[PointPx] = []
    figures: list[Figure] = []
    errors_px: list[float] = []  # by which each mark's end misses where the camera has it
    are_off: list[bool] = []  # whether that is more than it may be


def answer_draft(draft: Draft) -> tuple[Answer, Described | None]:
    """Never raises for what a person can do on the page: it is told as the answer's problem."""
    # Numbers of no real lens may overflow; what comes of them is refused or seen.
    with np.errstate(all="ignore"):
        try:
            described = describe(draft)
        except ValueError as error:
            return Answer(problem=str(error)), None
        try:
            check_described(draft, described)
        except ValueError as error:
            return _answer(draft, described, problem=_in_words_of_the_page(draft, str(error))), None
        return _answer(draft, described, problem=None), described


def _in_words_of_the_page(draft: Draft, message: str) -> str:
    """Without the photo's and the camera's names, of which the page has one each, and without names of fields."""
    line = message.removeprefix(f"{draft.photo.name}: cameras.{CAMERA}.")
    line = re.sub(
        r"^occluders\.(\d+) \((.*?)\): polygon_px", lambda found: f"{found[2]} {int(found[1]) + 1}", line
    )
    line = re.sub(r"^seats\.(\d+): position_px", lambda found: f"seat {int(found[1]) + 1}", line)
    line = line.replace("floor.polygon_px", "the floor").replace("has the point", "has the corner")
    return line.replace(
        "check the polygon, tilt_deg and the lens", "move the corner, or look at the marks of step 2"
    )


def _answer(draft: Draft, described: Described, *, problem: str | None) -> Answer:
    camera, estimate = described.camera, described.estimate
    blocked = [occluder.polygon_px for occluder in draft.occluders]
    figures = figures_on(camera.camera(*draft.size_px), described.floor_outline_px, blocked)
    return Answer(
        problem=problem,
        words=_words(described),
        hints=_hints(draft, described, bool(figures)),
        height_m=camera.height_m,
        tilt_deg=camera.tilt_deg,
        roll_deg=camera.roll_deg,
        is_pose_known=described.pose_origin != "assumed",
        floor_px=described.floor_outline_px,
        figures=figures,
        errors_px=[round(error, 1) for error in estimate.errors_px] if estimate else [],
        are_off=_are_off(estimate) if estimate else [],
    )


def _words(described: Described) -> str:
    camera, estimate = described.camera, described.estimate
    looks = "looks straight down" if camera.tilt_deg == 0 else f"is tilted by {camera.tilt_deg:.0f}°"
    if camera.tilt_deg and abs(camera.roll_deg) >= 1:
        looks += f" and turned by {camera.roll_deg:.0f}°"
    sure = ""
    if described.pose_origin == "assumed":
        sure = " That is only a guess."
    elif estimate is not None:
        sure = f" Give or take {2 * described.height_error:.0%}." if described.height_error < 0.25 else ""
    return f"The camera hangs {camera.height_m:.2f} m above the floor and {looks}.{sure}"


def _hints(draft: Draft, described: Described, has_figures: bool) -> list[str]:
    estimate, hints = described.estimate, []
    if described.pose_origin == "assumed":
        hints.append("Mark a person, a door or a distance on the floor, so that the height is no guess.")
    if estimate is not None:
        hints += _estimate_hints(draft, estimate)
        hints += _lens_hints(described, estimate)
    if not has_figures:
        hints.append(
            "No figure fits: the floor is too small or too far away, or it lies at the image's border."
        )
    return hints


def _estimate_hints(draft: Draft, estimate: PoseEstimate) -> list[str]:
    hints = []
    if not estimate.is_agreed:
        hints.append(_disagreement(draft, estimate))
    if estimate.height_error > _ROUGH:
        hints.append(
            "This is rough. Mark another person, nearer to the camera or farther away than the first."
        )
    elif estimate.height_error > _SURE and len(draft.marks) == 1:
        hints.append("One more mark at another place would make this surer.")
    low, high = _USUAL_HEIGHTS_M
    if not low <= estimate.pose.height_m <= high:
        hints.append(f"{estimate.pose.height_m:.1f} m is an unusual height. Is the size of each mark right?")
    return hints


def _lens_hints(described: Described, estimate: PoseEstimate) -> list[str]:
    if described.lens_doubt <= max(_SURE, estimate.height_error):
        return []
    return [
        "Most of that doubt is the lens, whose angle of view is assumed: type it in step 1 if you know it, or mark "
        "something nearer to the camera."
    ]


def _are_off(estimate: PoseEstimate) -> list[bool]:
    return [error > allowed for error, allowed in zip(estimate.errors_px, estimate.allowed_px, strict=True)]


def _disagreement(draft: Draft, estimate: PoseEstimate) -> str:
    worst = max(error for error, is_off in zip(estimate.errors_px, _are_off(estimate), strict=True) if is_off)
    number = estimate.errors_px.index(worst) + 1
    if len(draft.marks) == 1:
        return (
            f"The mark's upper end is {worst:.0f} pixels off: what is upright points away from the point below the camera. "
            "Move it; or choose “It is tilted” and mark more."
        )
    lens = ", or at the lens" if isinstance(draft.lens, Fisheye) else ""
    return f"The marks do not agree: number {number} is off by {worst:.0f} pixels. Look at its ends and its size{lens}."


def plain(answer: Answer) -> dict[str, Any]:
    """As JSON."""
    return answer.model_dump(mode="json")
