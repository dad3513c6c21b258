"""The head as a place to put things: template head space carried into the pose, and solids made in it."""

from dataclasses import dataclass

import numpy as np

from blender_assets.people.body import BodyBasis
from blender_assets.people.figure import Figure
from blender_assets.people.mesh import Patch, push_apart, smooth, surface

HEAD_CENTRE = np.array([0.0, -0.06, 0.735])  # template metres
HEAD_RADIUS = np.array([0.088, 0.098, 0.114])
REACH_M = 0.05
HANGING_FROM_Z_M = 0.68  # what is on the head below this height hangs plumb


@dataclass(frozen=True)
class HeadFrame:
    """The affine map of template space that fits the posed head best."""

    matrix: np.ndarray  # [4, 3]

    def carry(self, points: np.ndarray) -> np.ndarray:
        """Template metres [n, 3] -> posed [n, 3] float32."""
        return (points @ self.matrix[:3] + self.matrix[3]).astype(np.float32)


def fit_head(basis: BodyBasis, posed: np.ndarray) -> HeadFrame:
    skull = np.flatnonzero((basis.head_weight > 0.99) & (basis.template_m[:, 2] > 0.68))
    points = np.column_stack([basis.template_m[skull], np.ones(len(skull))])
    matrix, *_ = np.linalg.lstsq(points, posed[skull].astype(float), rcond=None)
    return HeadFrame(matrix)


def carry_patch(frame: HeadFrame, vertices: np.ndarray, quads: np.ndarray) -> Patch:
    """A patch made in template head space."""
    rest = vertices.astype(np.float32)
    return surface(frame.carry(vertices), rest, quads.astype(np.int32))


def grid_quads(rows: int, columns: int, *, is_closed: bool = False) -> np.ndarray:
    """Quads [f, 4] of a grid of rows x columns vertices; closed grids join the last column to the first."""
    row, column = np.meshgrid(
        np.arange(rows - 1), np.arange(columns if is_closed else columns - 1), indexing="ij"
    )
    first, after = row * columns + column, row * columns + (column + 1) % columns
    return np.stack([first, after, after + columns, first + columns], axis=-1).reshape(-1, 4)


def tube(
    path: np.ndarray, radii: np.ndarray, *, side: np.ndarray, sides: int = 8
) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and quads of a tube around a path [n, 3] with radii [n]; `side` is never along the path."""
    along = np.gradient(path, axis=0)
    first = np.cross(along, side)
    first /= np.maximum(np.linalg.norm(first, axis=1, keepdims=True), 1e-9)
    second = np.cross(first, along)
    second /= np.maximum(np.linalg.norm(second, axis=1, keepdims=True), 1e-9)
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)[None, :, None]
    ring = np.cos(angle) * first[:, None] + np.sin(angle) * second[:, None]
    vertices = path[:, None] + radii[:, None, None] * ring
    return vertices.reshape(-1, 3), grid_quads(len(path), sides, is_closed=True)


def slab(points: np.ndarray, *, thickness_m: float, up: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and quads of a closed sheet over a grid of points [rows, columns, 3]."""
    rows, columns = points.shape[:2]
    flat = points.reshape(-1, 3)
    vertices = np.concatenate([flat, flat - thickness_m * up])
    top = grid_quads(rows, columns)
    index = np.arange(rows * columns).reshape(rows, columns)
    border = np.concatenate([index[0, :-1], index[:-1, -1], index[-1, :0:-1], index[:0:-1, 0]])
    after = np.roll(border, -1)
    count = rows * columns
    rim = np.stack([after, border, border + count, after + count], axis=1)
    return vertices, np.concatenate([top, top[:, ::-1] + count, rim])


def hang(figure: Figure, frame: HeadFrame, points: np.ndarray, *, gap_m: float) -> Patch:
    """A sheet over a grid of template points [rows, columns, 3], rows from the top down.

    What is above the chin moves with the head, what is below hangs plumb from there; face, neck and shoulders
    hold it out by gap_m.
    """
    held = points.copy()
    held[..., 2] = np.maximum(points[..., 2], HANGING_FROM_Z_M)
    hung = frame.carry(held.reshape(-1, 3))
    hung[:, 2] += (points - held).reshape(-1, 3)[:, 2]
    quads = grid_quads(*points.shape[:2]).astype(np.int32)
    sheet = Patch(hung, points.reshape(-1, 3).astype(np.float32), hung, quads)
    z = figure.basis.template_m[:, 2]
    skin = np.unique(figure.basis.faces["body"])
    skin = skin[(z[skin] > 0.3) & ((z[skin] < 0.72) | (figure.basis.template_m[skin, 1] > -0.05))][::2]
    spots, normals = figure.vertices[skin], figure.body.normals[skin]
    sheet = smooth(push_apart(sheet, spots, normals, gap_m=gap_m + 0.004, reach_m=REACH_M), rounds=2)
    clear = push_apart(sheet, spots, normals, gap_m=gap_m, reach_m=REACH_M)
    return surface(clear.vertices, clear.rest, quads)
