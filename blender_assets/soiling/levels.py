"""Levels of opacity as WoodScape has them, and the coarse outlines that annotators draw around soiling.

Opaque is what prevents seeing what is behind, transparent what is blurred or deformed while its colors can be told
(Uricar et al., SoilingNet, 2019); a drop of water is semi-transparent (Uricar et al., Let's get dirty, 2021, figure 1).
"""

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

# Least opacity of transparent (1), semi-transparent (2) and opaque (3) soiling; no source says one, these are ours.
LEVEL_ALPHAS = (0.02, 0.30, 0.80)
# Share of light that counts as hidden where it comes by another way, refracted: by it the middle of a drop is of level 2.
REFRACTED_HIDES = 0.5


class CoarseConfig(BaseModel):
    """How roughly an annotator draws; as shares of the image's diagonal, as people see an image whole."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    margin: float = Field(default=0.008, ge=0, le=0.2)  # by which an outline is too wide
    # by which it may miss the edge; larger has fewer corners
    tolerance: float = Field(default=0.012, gt=0, le=0.2)
    # share of the image; smaller spots are not annotated
    least_area: float = Field(default=0.0004, ge=0, le=1)


def levels_of(alpha: NDArray[np.float32], opacity: NDArray[np.float32] | None = None) -> NDArray[np.uint8]:
    """[h, w] 0 clear, 1 transparent, 2 semi-transparent, 3 opaque; a level begins just above its least opacity.

    That is alpha, but where drops show the scene by another way; what they deform is never clear.
    """
    opacity = alpha if opacity is None else opacity
    clear, semi, opaque = np.array(LEVEL_ALPHAS, np.float32)
    return (alpha > clear).astype(np.uint8) + (opacity > semi) + (opacity > opaque)


def coarsen(levels: NDArray[np.uint8], config: CoarseConfig) -> NDArray[np.uint8]:
    """[h, w] levels as polygons of few corners around all that has at least each level, the denser over the thinner."""
    coarse = np.zeros_like(levels)
    for level in range(1, len(LEVEL_ALPHAS) + 1):
        for outline in outlines((levels >= level).astype(np.uint8), config):
            cv2.fillPoly(coarse, [outline], (level,))
    return coarse


def outlines(mask: NDArray[np.uint8], config: CoarseConfig) -> list[NDArray[np.int32]]:
    """Polygons [k, 1, 2] around the spots of a mask that are large enough to be annotated."""
    diagonal = float(np.hypot(mask.shape[0], mask.shape[1]))
    margin = round(config.margin * diagonal)
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * margin + 1, 2 * margin + 1))
    found, _ = cv2.findContours(cv2.dilate(mask, around), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    least = config.least_area * mask.size
    large = [contour for contour in found if cv2.contourArea(contour) >= least]
    return [
        np.asarray(cv2.approxPolyDP(contour, config.tolerance * diagonal, True), np.int32)
        for contour in large
    ]
