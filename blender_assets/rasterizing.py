"""What a camera sees of one mesh alone: the nearest face at the middle of every pixel, numpy only."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

# The two triangles of a quad, as corners.
TRIANGLES = ((0, 1, 2), (0, 2, 3))


@dataclass(frozen=True)
class Window:
    """Whole pixels from (left, top); it may reach outside the image."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class Raster:
    """face [h, w] is the nearest quad or -1; distance_m [h, w] is inf where there is none."""

    window: Window
    face: NDArray[np.int32]
    distance_m: NDArray[np.float64]

    @property
    def is_covered(self) -> NDArray[np.bool_]:
        return self.face >= 0


@dataclass(frozen=True)
class ProjectedMesh:
    """Triangles in the image: corners x, y [3, t] pixels, distances [3, t] metres, and the quad of each [t].

    low and high [2, t] are the boxes around them.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    distance_m: NDArray[np.float64]
    quad: NDArray[np.int32]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def project_mesh(
    pixels: NDArray[np.float64], distances_m: NDArray[np.float64], quads: NDArray[np.integer]
) -> ProjectedMesh:
    """pixels [v, 2] and distances [v] from the camera; faces with a corner that has no image are left out."""
    has_image = np.isfinite(pixels[:, 0])[quads].all(axis=1)
    numbers = np.flatnonzero(has_image).astype(np.int32)
    corners = np.concatenate([quads[numbers][:, corner].T for corner in TRIANGLES], axis=1)
    x, y = pixels[:, 0][corners], pixels[:, 1][corners]
    low = np.stack([np.minimum(np.minimum(v[0], v[1]), v[2]) for v in (x, y)])
    high = np.stack([np.maximum(np.maximum(v[0], v[1]), v[2]) for v in (x, y)])
    return ProjectedMesh(x, y, distances_m[corners], np.tile(numbers, len(TRIANGLES)), low, high)


def rasterize(mesh: ProjectedMesh, window: Window, *, is_drawn: NDArray[np.bool_] | None = None) -> Raster:
    """The quads, or those where is_drawn [quads] is true. Distances are interpolated in the image: faces are small."""
    x0, x1 = _pixel_range(mesh.low[0], mesh.high[0], window.left, window.width)
    y0, y1 = _pixel_range(mesh.low[1], mesh.high[1], window.top, window.height)
    is_hit = (x1 >= x0) & (y1 >= y0)
    if is_drawn is not None:
        is_hit &= is_drawn[mesh.quad]
    hit = np.flatnonzero(is_hit)
    columns = x1[hit] - x0[hit] + 1
    counts = columns * (y1[hit] - y0[hit] + 1)
    owner = np.repeat(np.arange(len(hit)), counts)
    step = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    column = x0[hit][owner] + step % columns[owner]
    row = y0[hit][owner] + step // columns[owner]
    triangle = hit[owner]
    inside, distance = _hits(mesh, triangle, window.left + column + 0.5, window.top + row + 0.5)
    # Far ones first: the nearest is written last and stays.
    order = np.argsort(-distance, kind="stable")
    place = (row[inside] * window.width + column[inside])[order]
    face = np.full(window.height * window.width, -1, dtype=np.int32)
    nearest = np.full(window.height * window.width, np.inf)
    face[place] = mesh.quad[triangle[inside]][order]
    nearest[place] = distance[order]
    shape = (window.height, window.width)
    return Raster(window, face.reshape(shape), nearest.reshape(shape))


def first_distances(mesh: ProjectedMesh, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """[n, 2] pixels -> [n] metres to the first face exactly there, inf where there is none."""
    found = np.full(len(points), np.inf)
    for k, (x, y) in enumerate(points):
        is_near = (mesh.low[0] <= x) & (mesh.high[0] >= x) & (mesh.low[1] <= y) & (mesh.high[1] >= y)
        _, distances = _hits(mesh, np.flatnonzero(is_near), x, y)
        found[k] = distances.min(initial=np.inf)
    return found


def _pixel_range(
    low: NDArray[np.float64], high: NDArray[np.float64], start: int, size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Bounds [t] along one axis -> first and last pixel of the window whose middle lies between them."""
    first = np.clip(np.ceil(low - 0.5 - start), 0, size)
    last = np.clip(np.floor(high - 0.5 - start), -1, size - 1)
    return first.astype(np.int64), last.astype(np.int64)


def _hits(
    mesh: ProjectedMesh, triangle: NDArray[np.int64], x: ArrayLike, y: ArrayLike
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Which of the triangles [n] hold their points (x, y), as indices, and the distances there."""
    ax, bx, cx = (mesh.x[k][triangle] - x for k in range(3))
    ay, by, cy = (mesh.y[k][triangle] - y for k in range(3))
    areas = (bx * cy - by * cx, cx * ay - cy * ax, ax * by - ay * bx)
    total = areas[0] + areas[1] + areas[2]
    # Corners may run either way round; triangles without area hold nothing.
    inside = np.flatnonzero(
        (areas[0] * total >= 0) & (areas[1] * total >= 0) & (areas[2] * total >= 0) & (np.abs(total) > 1e-12)
    )
    owner = triangle[inside]
    weighted = [areas[k][inside] * mesh.distance_m[k][owner] for k in range(3)]
    return inside, (weighted[0] + weighted[1] + weighted[2]) / total[inside]
