"""Where on the floor people are likely: evenly, by zones, or by a grey image painted over the photo."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blender_assets.lens.camera import Camera
from blender_assets.polygons import is_inside

CELL_M = 0.1


@dataclass(frozen=True)
class ZonePlace:
    """A part of the floor [n, 2] metres and how much likelier its ground is than that of a zone of weight 1."""

    polygon_xy: NDArray[np.float64]
    weight: float


@dataclass(frozen=True)
class Spread:
    """Floor cells [n, 2] (their middles, metres) and the likeliness [n] of each, the greatest being 1."""

    cells_xy: NDArray[np.float64]
    likeliness: NDArray[np.float64]

    def draw(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """A point [2] somewhere in a cell drawn by its likeliness."""
        total = np.cumsum(self.likeliness)
        k = min(int(np.searchsorted(total, rng.random() * total[-1], side="right")), len(total) - 1)
        return self.cells_xy[k] + rng.uniform(-CELL_M / 2, CELL_M / 2, 2)

    def likeliness_at(self, xy: NDArray[np.floating]) -> float:
        """That of the nearest cell."""
        return float(self.likeliness[np.argmin(np.sum((self.cells_xy - xy) ** 2, axis=1))])


def spread_over(
    floor_xy: NDArray[np.float64],
    camera: Camera,
    *,
    zones: Sequence[ZonePlace] = (),
    density: NDArray[np.uint8] | None = None,
) -> Spread:
    """density is [h, w] grey of the size of the photo. ValueError where nothing of the floor is likely."""
    cells_xy = _floor_cells(floor_xy)
    likeliness = np.ones(len(cells_xy))
    if zones:
        likeliness = np.sum([zone.weight * is_inside(cells_xy, zone.polygon_xy) for zone in zones], axis=0)
        if likeliness.max() <= 0:
            raise ValueError(
                "zones cover nothing of the floor with a weight above 0; draw them over the floor polygon"
            )
    if density is not None:
        likeliness = likeliness * _brightness(density, camera, cells_xy)
        if likeliness.max() <= 0:
            raise ValueError(
                "density_image is black over the whole floor (and its zones); "
                "paint the places where people may be brighter than 0"
            )
    is_likely = likeliness > 0
    return Spread(cells_xy[is_likely], likeliness[is_likely] / likeliness.max())


def _floor_cells(floor_xy: NDArray[np.float64]) -> NDArray[np.float64]:
    low, high = floor_xy.min(axis=0), floor_xy.max(axis=0)
    x, y = (np.arange(a + CELL_M / 2, b, CELL_M) for a, b in zip(low, high, strict=True))
    cells = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    inside = cells[is_inside(cells, floor_xy)]
    if not len(inside):
        raise ValueError(
            f"floor is smaller than a person: {high[0] - low[0]:.2f} x {high[1] - low[1]:.2f} m; "
            "check floor, height_m and the lens"
        )
    return inside


def _brightness(
    density: NDArray[np.uint8], camera: Camera, cells_xy: NDArray[np.float64]
) -> NDArray[np.float64]:
    """[n] 0..1; black where the camera does not see the floor."""
    if density.shape != (camera.height_px, camera.width_px):
        raise ValueError(
            f"density_image is {density.shape[1]} x {density.shape[0]} pixels, but the photos of this camera are "
            f"{camera.width_px} x {camera.height_px}; paint it over a photo"
        )
    pixels = camera.project(np.column_stack([cells_xy, np.zeros(len(cells_xy))]))
    is_seen = camera.sees(pixels)
    column, row = np.where(is_seen[:, None], pixels, 0).astype(int).T
    column, row = np.minimum(column, camera.width_px - 1), np.minimum(row, camera.height_px - 1)
    return np.where(is_seen, density[row, column] / 255, 0.0)
