"""What a kind of soiling hides and sends to the camera, in blocks of the pane, and how such layers lie on one another.

Shapes: b blocks of the pane, [hb, wb].
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Kind = Literal["mud", "dust", "film", "scratches", "drops", "frost"]
KINDS: tuple[Kind, ...] = get_args(Kind)
TYPE_IDS: dict[Kind, int] = {kind: number for number, kind in enumerate(KINDS, start=1)}  # 0 is clean
# From the scene to the camera: water and ice on the outside, scratches in the glass.
ORDER: tuple[Kind, ...] = ("drops", "frost", "film", "dust", "mud", "scratches")
LIGHTS = 6
VEIL, GLINT, SKY = 3, 4, 5  # channels of `light`, behind red, green and blue


@dataclass(frozen=True)
class SceneView:
    """Where drops send the eye: pixels_xy [b, 2] of the image and weight [b], the share of that light that arrives."""

    pixels_xy: NDArray[np.float32]
    weight: NDArray[np.float32]


@dataclass(frozen=True)
class Layer:
    """alpha [b] of what lies behind is hidden; light [b, 6] is sent instead, premultiplied.

    Channels of light: red, green and blue of the scene's mean light, the scene blurred widely, its brightest light (lamps),
    and the light of its bright parts, which by day are the sky.
    """

    alpha: NDArray[np.float32]
    light: NDArray[np.float32]
    view: SceneView | None = None


@dataclass(frozen=True)
class Stack:
    """All layers as one, with `types` [b], the kind that hides most of each block (0 where none does)."""

    alpha: NDArray[np.float32]
    light: NDArray[np.float32]
    view: SceneView | None
    types: NDArray[np.uint8]


def shone(
    alpha: NDArray[np.float32], albedo: NDArray[np.float32], *, veil: float, glint: float, sky: float = 0.0
) -> NDArray[np.float32]:
    """Light [b, 6] of matter with an albedo [3] or [b, 3], that also scatters shares of the scene's other lights."""
    light = np.empty((*alpha.shape, LIGHTS), np.float32)
    light[..., :3] = albedo
    light[..., VEIL], light[..., GLINT], light[..., SKY] = veil, glint, sky
    return light * alpha[..., None]


def stacked(layers: dict[Kind, Layer], shape_hw: tuple[int, int]) -> Stack:
    """Each over those that are farther from the camera (Porter and Duff, Compositing digital images, 1984)."""
    alpha, light = np.zeros(shape_hw, np.float32), np.zeros((*shape_hw, LIGHTS), np.float32)
    types, most = np.zeros(shape_hw, np.uint8), np.zeros(shape_hw, np.float32)
    view = None
    for kind in ORDER:
        if kind not in layers:
            continue
        own = layers[kind]
        through = 1 - own.alpha
        alpha = own.alpha + through * alpha
        light = own.light + through[..., None] * light
        view = own.view or (view and SceneView(view.pixels_xy, view.weight * through))
        is_most = own.alpha > through * most
        types[is_most] = TYPE_IDS[kind]
        most = np.maximum(own.alpha, through * most)
    return Stack(alpha, light, view, types)
