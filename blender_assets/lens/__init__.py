"""Lenses and the camera of a site: from world metres to pixels and back, numpy only.

World: metres, z up, floor at z=0, the camera at (0, 0, height_m). Camera axes: right, up, backward. Pixels: x right,
y down, centres at +0.5; OpenCV has them at +0, so its cx and cy are 0.5 smaller than pixels here.
"""

from typing import Annotated

from pydantic import Field

from blender_assets.lens.camera import Camera
from blender_assets.lens.fisheye import (
    FisheyeEquidistant,
    FisheyeEquisolid,
    FisheyePolynomial,
    LensCircle,
    OpenCVFisheye,
)
from blender_assets.lens.pinhole import OpenCVPinhole, Perspective

Lens = Annotated[
    FisheyeEquidistant | FisheyeEquisolid | FisheyePolynomial | OpenCVFisheye | OpenCVPinhole | Perspective,
    Field(discriminator="model"),
]

__all__ = [
    "Camera",
    "FisheyeEquidistant",
    "FisheyeEquisolid",
    "FisheyePolynomial",
    "Lens",
    "LensCircle",
    "OpenCVFisheye",
    "OpenCVPinhole",
    "Perspective",
]
