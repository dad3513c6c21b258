"""The lenses that a site file may name, as one union that its field `model` tells apart.

World: metres, z up, floor at z=0, the camera at (0, 0, height_m). Camera axes: right, up, backward. Pixels: x right,
y down, centres at +0.5; OpenCV has them at +0, so its cx and cy are 0.5 smaller than pixels here.
"""

from typing import Annotated

from pydantic import Field

from blender_assets.lens.fisheye import (
    FisheyeEquidistant,
    FisheyeEquisolid,
    FisheyePolynomial,
    OpenCVFisheye,
)
from blender_assets.lens.pinhole import OpenCVPinhole, Perspective

Lens = Annotated[
    FisheyeEquidistant | FisheyeEquisolid | FisheyePolynomial | OpenCVFisheye | OpenCVPinhole | Perspective,
    Field(discriminator="model"),
]
