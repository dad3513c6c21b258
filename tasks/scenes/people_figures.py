"""Five figures that say how people look in images: contrast, highlights, sharpness, colour and size.

They are taken in the middle of a person's box, an ellipse of CORE_SHARE of its sides, so that real people, of whom only
boxes are known, and rendered ones are measured alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from tasks.datasets.annotations import AnnotatedImage, Annotation, RotatedBox

CORE_SHARE = 0.8
LEAST_CORE_PX, LEAST_VISIBILITY = 50, 0.3


@dataclass(frozen=True)
class PeopleFigures:
    """Of one person, or the median of many; grey levels and saturation are of 255.

    spread: standard deviation of grey. highlights: 95th percentile of grey. sharpness: mean absolute Laplacian of grey
    (four neighbours). saturation: mean of HSV's S. length_px: the longer side of the box.
    """

    spread: float
    highlights: float
    sharpness: float
    saturation: float
    length_px: float


TITLES = {
    "spread": "grey spread (std)",
    "highlights": "95th percentile of grey",
    "sharpness": "mean absolute Laplacian",
    "saturation": "saturation (mean)",
    "length_px": "length, px",
}
# What a user may turn, by figure.
SETTINGS = {
    "spread": "render.settings.contrast or light_share",
    "highlights": "render.settings.exposure_gain",
    "sharpness": "render.settings.sensor.sharpening or people.fold_height_m",
    "saturation": "render.settings.people.fabric_saturation_std or contrast",
    "length_px": "height_m and floor of the site's camera, or how many sit, stand and lie",
}


def comparable_people(image: AnnotatedImage) -> list[Annotation]:
    """The person boxes that say how people look: no crowds, and nobody who is mostly hidden."""
    return [box for box in image.boxes("person") if not box.is_crowd and box.visibility >= LEAST_VISIBILITY]


def outline(box: Annotation, *, is_rotated: bool) -> RotatedBox:
    """Its rotated box, or the upright one in the same form."""
    if is_rotated:
        assert box.rotated_box is not None
        return box.rotated_box
    left, top, right, bottom = box.box_xyxy
    return (left + right) / 2, (top + bottom) / 2, right - left, bottom - top, 0.0


def core_mask(shape_hw: tuple[int, int], box: RotatedBox) -> np.ndarray:
    """bool [h, w]: pixels whose middle lies in the ellipse inside the box."""
    x_px, y_px, width_px, height_px, degrees = box
    rows, columns = np.mgrid[: shape_hw[0], : shape_hw[1]] + 0.5
    turn = np.radians(degrees)
    across = (columns - x_px) * np.cos(turn) + (rows - y_px) * np.sin(turn)
    along = (rows - y_px) * np.cos(turn) - (columns - x_px) * np.sin(turn)
    radii = CORE_SHARE / 2 * np.array([width_px, height_px])
    return (across / radii[0]) ** 2 + (along / radii[1]) ** 2 <= 1


def measure_person(image: np.ndarray, box: RotatedBox) -> PeopleFigures | None:
    """image uint8 RGB [h, w, 3]; None where too little of the person is in the image."""
    core = core_mask((image.shape[0], image.shape[1]), box)
    if core.sum() < LEAST_CORE_PX:
        return None
    image, core = _around(image, core)
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float64)
    return PeopleFigures(
        spread=float(grey[core].std()),
        highlights=float(np.percentile(grey[core], 95)),
        sharpness=float(np.abs(cv2.Laplacian(grey, cv2.CV_64F, ksize=1))[core].mean()),
        saturation=float(cv2.cvtColor(image, cv2.COLOR_RGB2HSV)[..., 1][core].mean()),
        length_px=max(box[2], box[3]),
    )


def _around(image: np.ndarray, core: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both cut to the core and the neighbours that its Laplacian needs."""
    rows, columns = (np.flatnonzero(core.any(axis=axis)) for axis in (1, 0))
    part = tuple(slice(max(0, at[0] - 1), at[-1] + 2) for at in (rows, columns))
    return np.ascontiguousarray(image[part]), core[part]


def median_figures(people: Sequence[PeopleFigures]) -> PeopleFigures:
    """Of at least one person."""
    return PeopleFigures(*np.median([list(vars(person).values()) for person in people], axis=0).tolist())


def figure_ratios(real: PeopleFigures, rendered: PeopleFigures) -> dict[str, float]:
    """Rendered over real, by figure; infinite where the real figure is 0."""
    pairs = {name: (getattr(rendered, name), value) for name, value in vars(real).items()}
    return {name: ours / theirs if theirs else np.inf for name, (ours, theirs) in pairs.items()}


def say_difference(real: PeopleFigures, rendered: PeopleFigures, *, tolerance: float = 0.15) -> str:
    """One sentence on the figure that differs most, as a factor, and on what moves it."""
    ratios = figure_ratios(real, rendered)
    away = {name: abs(np.log(max(ratio, 1e-6))) for name, ratio in ratios.items()}
    worst = max(away, key=lambda name: away[name])
    if abs(ratios[worst] - 1) <= tolerance:
        return f"All five are within {100 * tolerance:.0f} % of the real people's."
    word = "less" if ratios[worst] < 1 else "more"
    return (
        f"What differs most is the {TITLES[worst].removesuffix(', px')}: {100 * ratios[worst]:.0f} % of the real people's, "
        f"{word} than it should be. {SETTINGS[worst]} moves it."
    )
