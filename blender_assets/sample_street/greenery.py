"""Trees, bushes and hedges: clouds of leaves on trunks."""

from dataclasses import dataclass

import numpy as np

from blender_assets.sample_street.solids import Solid, solid, tube

_LEAF_COLORS = np.array([[0.05, 0.12, 0.025], [0.07, 0.14, 0.03], [0.1, 0.15, 0.03], [0.04, 0.09, 0.035]])
_BARK = (0.07, 0.05, 0.035)


@dataclass(frozen=True)
class Tree:
    """A trunk, some branches and a crown; the trunk stands at the origin."""

    leaves: Solid
    wood: tuple[Solid, ...]


FINE, COARSE = 120, 36  # leaves of each of a crown's lumps, for trees near and far


def draw_tree(rng: np.random.Generator, *, leaves: int, height_m: tuple[float, float] = (5.0, 10.0)) -> Tree:
    """`leaves` of each lump of the crown; the fewer there are, the larger each is."""
    height = float(rng.uniform(*height_m))
    clear = height * float(rng.uniform(0.26, 0.38))
    radius = height * float(rng.uniform(0.2, 0.3))
    middle = np.array([0.0, 0.0, (height + clear) / 2])
    tops = [middle + rng.normal(0, radius * 0.3, 3) for _ in range(5)]
    wood = [tube((0, 0, -0.2), (0, 0, clear + radius * 0.6), (0.02 * height, 0.011 * height), _BARK, "bark")]
    wood += [tube((0, 0, clear), top, (0.009 * height, 0.003 * height), _BARK, "bark") for top in tops]
    stretch = np.array([1.0, 1.0, (height - clear) / 2 / radius])
    lumps = middle + rng.normal(0, 0.42, (14, 3)) * radius * stretch
    lumps = np.maximum(lumps, [-np.inf, -np.inf, clear + 0.35 * radius])
    return Tree(leaf_cloud(lumps, radius * 0.55, leaves, rng), tuple(wood))


def leaf_cloud(lumps: np.ndarray, radius_m: float, leaves_each: int, rng: np.random.Generator) -> Solid:
    """Leaf-like quads near the surface of balls around lumps [n, 3], darker below and inside."""
    direction = rng.normal(size=(len(lumps), leaves_each, 3))
    direction /= np.linalg.norm(direction, axis=2, keepdims=True)
    reach = radius_m * rng.uniform(0.55, 1.05, (len(lumps), leaves_each, 1))
    centres = (lumps[:, None] + direction * reach).reshape(-1, 3)
    size = radius_m * (52 / leaves_each) ** 0.5 * rng.uniform(0.2, 0.36, (len(centres), 1))
    normal = direction.reshape(-1, 3) + rng.normal(0, 0.5, (len(centres), 3))
    across = np.cross(normal, rng.normal(size=(len(centres), 3)))
    across *= size / np.linalg.norm(across, axis=1, keepdims=True)
    up = np.cross(normal, across)
    up *= size / np.linalg.norm(up, axis=1, keepdims=True)
    corners = np.stack([centres - across, centres - up, centres + across, centres + up], axis=1)
    hue = _LEAF_COLORS[rng.integers(len(_LEAF_COLORS))] * rng.uniform(0.8, 1.35)
    shade = rng.uniform(0.65, 1.3, (len(centres), 1)) * (1 + 0.25 * direction.reshape(-1, 3)[:, 2:])
    return solid(corners.reshape(-1, 3), np.arange(4 * len(centres)), hue * shade, "leaf")


def draw_hedge(length_m: float, height_m: float, rng: np.random.Generator) -> Solid:
    """Along y from the origin, about 0.8 m thick."""
    y = np.arange(0.3, length_m, 0.55)
    z = np.arange(0.3, height_m, 0.45)
    grid = np.stack(np.meshgrid([0.0], y, z), axis=-1).reshape(-1, 3)
    return leaf_cloud(grid + rng.normal(0, 0.06, grid.shape), 0.42, 16, rng)


def draw_bush(rng: np.random.Generator) -> Solid:
    size = float(rng.uniform(0.5, 1.1))
    lumps = rng.normal(0, 0.45 * size, (6, 3)) * [1, 1, 0.5] + [0, 0, 0.7 * size]
    return leaf_cloud(lumps, 0.6 * size, 30, rng)
