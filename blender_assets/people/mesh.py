"""Quad meshes in numpy: normals, subdivision, smoothing, cutting along an iso-line, closing borders.

Array shapes: v vertices, f quads. Quads may be degenerate (two corners in one place).
"""

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Patch:
    """A piece of surface in two spaces: where it is, and where its points lie on the template body.

    The normals are those of the surface that the piece was cut from: at a cut border its own would be wild.
    """

    vertices: np.ndarray  # [v, 3] metres, posed
    rest: np.ndarray  # [v, 3] metres, template space
    normals: np.ndarray  # [v, 3] outward, about unit length
    quads: np.ndarray  # [f, 4]


def vertex_normals(vertices: np.ndarray, quads: np.ndarray) -> np.ndarray:
    """Unit normals [v, 3], weighted by the area of the faces around a vertex."""
    face = np.cross(
        vertices[quads[:, 2]] - vertices[quads[:, 0]], vertices[quads[:, 3]] - vertices[quads[:, 1]]
    )
    normals = sum_rows(np.repeat(face, 4, axis=0), quads.ravel(), len(vertices))
    return (normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)).astype(np.float32)


def sum_rows(rows: np.ndarray, target: np.ndarray, count: int) -> np.ndarray:
    """Sums [count, 3] of the rows [n, 3] that share a target index [n]."""
    return np.stack([np.bincount(target, rows[:, axis], count) for axis in range(3)], axis=1)


def surface(vertices: np.ndarray, rest: np.ndarray, quads: np.ndarray) -> Patch:
    """A patch of a whole face group, with its normals."""
    return Patch(vertices, rest, vertex_normals(vertices, quads), quads)


def quad_edges(quads: np.ndarray) -> np.ndarray:
    """Directed edges [f*4, 2], four a quad in order."""
    return np.stack([quads, np.roll(quads, -1, axis=1)], axis=-1).reshape(-1, 2)


def boundary_edges(quads: np.ndarray) -> np.ndarray:
    """Directed edges [e, 2] that belong to one quad only."""
    edges = quad_edges(quads)
    edges = edges[edges[:, 0] != edges[:, 1]]
    if len(edges) == 0:
        return edges
    low, high = edges.min(axis=1).astype(np.int64), edges.max(axis=1)
    keys = low * (int(quads.max()) + 1) + high
    order = np.argsort(keys)
    differs = np.diff(keys[order]) != 0
    is_single = np.concatenate([[True], differs]) & np.concatenate([differs, [True]])
    return edges[np.sort(order[is_single])]


def compact(patch: Patch) -> tuple[Patch, np.ndarray]:
    """Without unused vertices, and the old index [v] of each vertex that stays."""
    used, inverse = np.unique(patch.quads, return_inverse=True)
    quads = inverse.reshape(patch.quads.shape).astype(np.int32)
    vertices, rest, normals = (points[used] for points in (patch.vertices, patch.rest, patch.normals))
    return Patch(vertices, rest, normals, quads), used


def subdivide(patch: Patch) -> Patch:
    """Each quad becomes four (edge midpoints and face centres, no smoothing)."""
    count, quads = len(patch.vertices), patch.quads
    edges = np.sort(quad_edges(quads), axis=1)
    keys, inverse = np.unique(edges[:, 0].astype(np.int64) * count + edges[:, 1], return_inverse=True)
    ends = np.stack([keys // count, keys % count], axis=1)
    middle = inverse.reshape(-1, 4) + count
    centre = np.arange(len(quads)) + count + len(ends)
    parts = [
        np.stack([quads[:, corner], middle[:, corner], centre, middle[:, corner - 1]], axis=1)
        for corner in range(4)
    ]
    blended = [
        np.concatenate([points, points[ends].mean(axis=1), points[quads].mean(axis=1)])
        for points in (patch.vertices, patch.rest, patch.normals)
    ]
    return Patch(*blended, quads=np.concatenate(parts).astype(np.int32))


def smooth(patch: Patch, *, rounds: int, strength: float = 0.5, border: np.ndarray | None = None) -> Patch:
    """Laplacian smoothing of the posed vertices; a border vertex follows its neighbours on the border.

    `border` is what boundary_edges gives for the patch, for callers that have it.
    """
    border = boundary_edges(patch.quads) if border is None else border
    edges = np.concatenate([quad_edges(patch.quads), border])
    on_border = np.zeros(len(patch.vertices), dtype=bool)
    on_border[border] = True
    inner = ~on_border[edges[:, 0]]
    inner_to = ~on_border[edges[:, 1]]
    both = ~inner & ~inner_to
    both[: len(quad_edges(patch.quads))] = False
    source = np.concatenate([edges[inner, 1], edges[inner_to, 0], edges[both, 0], edges[both, 1]])
    target = np.concatenate([edges[inner, 0], edges[inner_to, 1], edges[both, 1], edges[both, 0]])
    degree = np.bincount(target, minlength=len(patch.vertices))[:, None]
    points = patch.vertices
    for _ in range(rounds):
        sums = sum_rows(points[source], target, len(points))
        mean = np.where(degree > 0, sums / np.maximum(degree, 1), points)
        points = points + strength * (mean - points)
    return replace(patch, vertices=points.astype(np.float32))


def cut_along(patch: Patch, field: np.ndarray) -> Patch:
    """The part where field [v] > 0, with its border on the iso-line field = 0.

    Vertices just outside slide along their edges (or diagonals) onto the line, so that a hem is straight and
    the mesh stays quads.
    """
    patch, used = compact(replace(patch, quads=patch.quads[(field > 0)[patch.quads].any(axis=1)]))
    kept, field = patch.quads, field[used]
    inside = field > 0
    if len(kept) == 0:
        return patch
    edges = quad_edges(kept)
    diagonals = np.concatenate([kept[:, [0, 2]], kept[:, [1, 3]]])
    sources = (patch.vertices, patch.rest, patch.normals)
    results = [points.copy() for points in sources]
    waiting = ~inside
    for pairs in (edges, diagonals):
        pairs = np.concatenate([pairs, pairs[:, ::-1]])
        pairs = pairs[waiting[pairs[:, 0]] & inside[pairs[:, 1]]]
        outer, inner = pairs[:, 0], pairs[:, 1]
        step = (field[inner] / (field[inner] - field[outer]))[:, None]
        degree = np.bincount(outer, minlength=len(field))
        moved = degree > 0
        for points, source in zip(results, sources, strict=True):
            crossing = source[inner] + step * (source[outer] - source[inner])
            points[moved] = sum_rows(crossing, outer, len(field))[moved] / degree[moved, None]
        waiting = waiting & ~moved
    return compact(Patch(*results, quads=kept))[0]


def push_out(patch: Patch, distance_m: np.ndarray) -> Patch:
    """The surface moved along its normals by distance_m [v]."""
    return replace(patch, vertices=patch.vertices + distance_m[:, None] * patch.normals)


def push_apart(
    patch: Patch, points: np.ndarray, normals: np.ndarray, *, gap_m: float, reach_m: float = np.inf
) -> Patch:
    """Vertices that lie less than gap_m outside of the surface given by points and normals [n, 3] move out.

    A vertex that is more than reach_m from all points stays.
    """
    squares = (
        (patch.vertices**2).sum(axis=1)[:, None] - 2 * patch.vertices @ points.T + (points**2).sum(axis=1)
    )
    nearest = squares.argmin(axis=1)
    height = ((patch.vertices - points[nearest]) * normals[nearest]).sum(axis=1)
    lift = np.clip(gap_m - height, 0, 0.1)
    lift[squares.min(axis=1) > reach_m**2] = 0.0
    return replace(patch, vertices=(patch.vertices + lift[:, None] * normals[nearest]).astype(np.float32))


def wrap_around(patch: Patch, points: np.ndarray, *, gap_m: float, reach_m: float) -> Patch:
    """Vertices nearest to points [n, 3] that lie less than gap_m inside of the patch move out past them."""
    normals = vertex_normals(patch.vertices, patch.quads)
    squares = (points**2).sum(axis=1)[:, None] - 2 * points @ patch.vertices.T
    squares = squares + (patch.vertices**2).sum(axis=1)
    nearest = squares.argmin(axis=1)
    offset = points - patch.vertices[nearest]
    height = (offset * normals[nearest]).sum(axis=1) + gap_m
    height[np.linalg.norm(offset, axis=1) > reach_m] = 0.0
    lift = np.zeros(len(patch.vertices))
    np.maximum.at(lift, nearest, height)
    return replace(patch, vertices=(patch.vertices + lift[:, None] * normals).astype(np.float32))


def close_border(patch: Patch, *, depth_m: float, border: np.ndarray | None = None) -> Patch:
    """With a rim of quads from every border edge inward along the normals, so that a cuff is no dark hole."""
    border = boundary_edges(patch.quads) if border is None else border
    ring = np.unique(border)
    renumbered = np.zeros(len(patch.vertices), dtype=np.int32)
    renumbered[ring] = len(patch.vertices) + np.arange(len(ring))
    rim = np.stack([border[:, 1], border[:, 0], renumbered[border[:, 0]], renumbered[border[:, 1]]], axis=1)
    return Patch(
        vertices=np.concatenate([patch.vertices, patch.vertices[ring] - depth_m * patch.normals[ring]]),
        rest=np.concatenate([patch.rest, patch.rest[ring]]),
        normals=np.concatenate([patch.normals, patch.normals[ring]]),
        quads=np.concatenate([patch.quads, rim]).astype(np.int32),
    )
