"""The focal length that a camera wrote into its photo."""

from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import ExifTags
from pydantic import BaseModel, ConfigDict

from tasks.images.files import opened_image

_DIAGONAL_OF_35_MM = float(np.hypot(36, 24))
_MM_PER_UNIT = {2: 25.4, 3: 10.0, 4: 1.0, 5: 0.001}  # EXIF's FocalPlaneResolutionUnit
_USUAL_DEG = (
    10.0,
    170.0,
)  # of a horizontal field of view; beyond it the tags are wrong or the lens is a fisheye


class FoundFocalLength(BaseModel):
    """The horizontal field of view of an upright photo, and the tag that says it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hfov_deg: float
    tag: Literal["FocalLengthIn35mmFilm", "FocalLength and FocalPlaneXResolution"]


def find_focal_length(path: Path, width_px: int, height_px: int) -> FoundFocalLength | None:
    """From the photo's EXIF tags (CIPA DC-008), None where they are missing or say something impossible."""
    tags = _exif(path)
    found = _from_35_mm(tags, float(np.hypot(width_px, height_px))) or _from_focal_plane(tags, width_px)
    if found is None:
        return None
    focal_px, tag = found
    hfov_deg = float(np.degrees(2 * np.arctan(width_px / 2 / focal_px)))
    if not _USUAL_DEG[0] <= hfov_deg <= _USUAL_DEG[1]:
        return None
    return FoundFocalLength(hfov_deg=round(hfov_deg, 1), tag=tag)


def _exif(path: Path) -> dict[int, Any]:
    with opened_image(path) as image:
        try:
            return dict(image.getexif().get_ifd(ExifTags.IFD.Exif))
        # A damaged block says nothing; the pixels may be whole.
        except Exception:
            return {}


def _from_35_mm(
    tags: dict[int, Any], diagonal_px: float
) -> tuple[float, Literal["FocalLengthIn35mmFilm"]] | None:
    """The tag compares diagonals."""
    focal_mm = _positive(tags.get(ExifTags.Base.FocalLengthIn35mmFilm))
    if focal_mm is None:
        return None
    return focal_mm / _DIAGONAL_OF_35_MM * diagonal_px, "FocalLengthIn35mmFilm"


def _from_focal_plane(
    tags: dict[int, Any], width_px: int
) -> tuple[float, Literal["FocalLength and FocalPlaneXResolution"]] | None:
    """Both are of the image as the camera wrote it; a photo that was scaled since has fewer pixels."""
    focal_mm = _positive(tags.get(ExifTags.Base.FocalLength))
    pixels_per_unit = _positive(tags.get(ExifTags.Base.FocalPlaneXResolution))
    unit_mm = _MM_PER_UNIT.get(tags.get(ExifTags.Base.FocalPlaneResolutionUnit, 2))
    if not (focal_mm and pixels_per_unit and unit_mm):
        return None
    written_px = _positive(tags.get(ExifTags.Base.ExifImageWidth)) or width_px
    focal_px = focal_mm / unit_mm * pixels_per_unit * width_px / written_px
    return focal_px, "FocalLength and FocalPlaneXResolution"


def _positive(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if np.isfinite(number) and number > 0 else None
