"""Simple solids of quads with a material and face colours, in numpy.

Office coordinates: metres, z up, floor at z = 0, x to the east and y to the windows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

Material = Literal["matte", "wood", "carpet", "parquet", "metal", "fabric", "gloss", "leaf", "screen", "sky"]
MATERIALS: tuple[Material, ...] = (
    "matte", "wood", "carpet", "parquet", "metal", "fabric", "gloss", "leaf", "screen", "sky",
)  # fmt: skip
Color = tuple[float, float, float]
Point = tuple[float, float, float]


@dataclass(frozen=True)
class Solid:
    vertices: np.ndarray  # [v, 3]
    quads: np.ndarray  # [f, 4]
    colors: np.ndarray  # [f, 3] linear RGB
    material: Material


def paint(vertices: np.ndarray, quads: np.ndarray, color: Color, material: Material) -> Solid:
    return Solid(np.asarray(vertices, float), np.asarray(quads), np.tile(color, (len(quads), 1)), material)


def box(size: Point, centre: Point, color: Color, material: Material = "matte") -> Solid:
    """An axis-aligned box of the given extents around centre."""
    signs = np.array([[x, y, z] for z in (-1, 1) for y in (-1, 1) for x in (-1, 1)])
    quads = [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [1, 3, 7, 5], [3, 2, 6, 7], [2, 0, 4, 6]]
    return paint(signs * np.array(size) / 2 + np.array(centre), np.array(quads), color, material)


def lathe(
    profile: Sequence[tuple[float, float]], centre: Point, color: Color, material: Material = "matte"
) -> Solid:
    """A body of revolution about z: rings of (radius, height) pairs, bottom first, 16 sides."""
    sides, rings = 16, np.array(profile)
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    x, y = np.outer(rings[:, 0], np.cos(angle)), np.outer(rings[:, 0], np.sin(angle))
    z = np.repeat(rings[:, 1:], sides, axis=1)
    vertices = np.stack([x, y, z], axis=-1).reshape(-1, 3) + np.array(centre)
    row, column = np.meshgrid(np.arange(len(rings) - 1), np.arange(sides), indexing="ij")
    first, after = row * sides + column, row * sides + (column + 1) % sides
    quads = np.stack([first, after, after + sides, first + sides], axis=-1).reshape(-1, 4)
    return paint(vertices, quads, color, material)


def cylinder(
    radius: float,
    low_z: float,
    high_z: float,
    centre_xy: tuple[float, float],
    color: Color,
    material: Material = "matte",
) -> Solid:
    profile = [(1e-3, low_z), (radius, low_z), (radius, high_z), (1e-3, high_z)]
    return lathe(profile, (*centre_xy, 0.0), color, material)


def sheet(origin: Point, along: Point, up: Point, *, cells: tuple[int, int], material: Material) -> Solid:
    """A flat grid of cells (columns, rows) spanned by two vectors from origin; black until it is coloured."""
    columns, rows = cells
    u, v = np.meshgrid(np.linspace(0, 1, columns + 1), np.linspace(0, 1, rows + 1))
    vertices = np.array(origin) + u[..., None] * np.array(along) + v[..., None] * np.array(up)
    i, j = np.meshgrid(np.arange(columns), np.arange(rows))
    first = (j * (columns + 1) + i).ravel()
    quads = np.stack([first, first + 1, first + columns + 2, first + columns + 1], axis=1)
    return paint(vertices.reshape(-1, 3), quads, (0.0, 0.0, 0.0), material)


def turned(solids: Iterable[Solid], *, degrees: float = 0.0, at: Point = (0.0, 0.0, 0.0)) -> list[Solid]:
    """The solids turned counter-clockwise about z, then shifted."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    matrix = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
    return [replace(solid, vertices=solid.vertices @ matrix + np.array(at)) for solid in solids]


def tipped(solid: Solid, *, degrees: float, pivot: Point) -> Solid:
    """Turned about the x axis through a pivot (positive lifts the +y side)."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    matrix = np.array([[1, 0, 0], [0, c, s], [0, -s, c]])
    return replace(solid, vertices=(solid.vertices - np.array(pivot)) @ matrix + np.array(pivot))
