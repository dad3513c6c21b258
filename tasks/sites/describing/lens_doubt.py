"""What an assumed lens makes unsure: how far the height moves when the lens's angle of view is another."""

from collections.abc import Sequence

import numpy as np

from blender_assets.lens.fisheye import FieldOfViewFisheye
from blender_assets.lens.models import Lens
from blender_assets.lens.pinhole import Perspective
from tasks.sites.describing.camera_pose import Mark, Mount, estimate_pose

FISHEYE_SD_DEG, PINHOLE_SD_DEG, EXIF_SD_DEG = (
    6.0,
    15.0,
    3.0,
)  # of angles that are assumed, and that a photo says


def lens_doubt(
    lens: Lens, size_px: tuple[int, int], marks: Sequence[Mark], *, mount: Mount, angle_sd_deg: float
) -> float:
    """One standard deviation of the height, as a share of it, from not knowing the angle; 0 for a lens without one."""
    heights = [
        estimate_pose(other, size_px, marks, mount=mount).pose.height_m
        for other in (_with_angle(lens, -angle_sd_deg), _with_angle(lens, angle_sd_deg))
        if other is not None
    ]
    return float(abs(np.log(heights[1] / heights[0])) / 2) if len(heights) == 2 else 0.0


def _with_angle(lens: Lens, more_deg: float) -> Lens | None:
    if isinstance(lens, FieldOfViewFisheye):
        return lens.model_copy(update={"fov_deg": float(np.clip(lens.fov_deg + more_deg, 1, 360))})
    if isinstance(lens, Perspective) and lens.hfov_deg is not None:
        return lens.model_copy(update={"hfov_deg": float(np.clip(lens.hfov_deg + more_deg, 1, 179))})
    return None
