"""What is carried over the clothes: backpacks, shoulder bags, lanyards."""

from collections.abc import Callable

import numpy as np

from blender_assets.people.accessories import Accessories
from blender_assets.people.fabrics import weave_coordinates
from blender_assets.people.figure import Figure
from blender_assets.people.garments import OUTSIDE, Cut, neckline, sew, tailor
from blender_assets.people.head import grid_quads, slab
from blender_assets.people.mesh import Patch, close_border, cut_along, push_out, smooth, subdivide, surface
from blender_assets.people.parts import Part
from blender_assets.people.pieces import CLOTH, GLOSS, Piece

CARD_COLOR = np.array([0.75, 0.75, 0.73])


def strap(
    figure: Figure, cut: Cut, beside: Callable[[np.ndarray], np.ndarray], *, width_m: float, offset_m: float
) -> Patch:
    """A band over the clothes around the line where beside(rest [n, 3]) -> metres [n] is 0.

    It is narrower than the body's faces, which are therefore refined along a broader band before the cut.
    """
    is_trunk = (cut.rest[:, 2] < neckline(cut.rest, 0.0) + 0.01) & ~cut.is_head & ~cut.is_arm
    broad = tailor(figure, group="tights", field=np.where(is_trunk, 0.035 - beside(cut.rest), OUTSIDE))
    fine = subdivide(smooth(subdivide(push_out(broad, np.full(len(broad.vertices), offset_m))), rounds=1))
    band = cut_along(fine, 0.5 * width_m - beside(fine.rest))
    return close_border(band, depth_m=0.01)


def anchor_point(figure: Figure, target_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Posed position [3] and outward normal [3] of the trunk vertex nearest to a template position."""
    trunk = np.unique(figure.basis.faces["tights"])
    normals = figure.patch("tights").normals
    nearest = trunk[np.argmin(np.linalg.norm(figure.basis.template_m[trunk] - target_m, axis=1))]
    return figure.vertices[nearest], normals[nearest]


def build_backpack(figure: Figure, cut: Cut, worn: Accessories, *, clothes_m: float) -> list[Patch]:
    x, y, z = cut.rest.T
    low, high, half = 0.17 - 0.06 * worn.bag_size, 0.5, 0.115 + 0.025 * worn.bag_size
    field = np.minimum(half - np.abs(x), np.minimum(z - low, high - z))
    patch = tailor(figure, group="tights", field=np.where(cut.is_arm | (y < -0.005), OUTSIDE, field))
    inside = np.minimum(
        half - np.abs(patch.rest[:, 0]), np.minimum(patch.rest[:, 2] - low, high - patch.rest[:, 2])
    )
    depth_m = clothes_m + (0.1 + 0.06 * worn.bag_size) * np.sqrt(np.clip(inside / 0.06, 0, 1))
    bag = sew(patch, offset_m=depth_m, fold_m=0.006, seed=1, smoothing=4)
    straps = strap(figure, cut, beside_shoulders, width_m=0.042, offset_m=clothes_m + 0.004)
    return [bag, straps]


def beside_shoulders(rest: np.ndarray) -> np.ndarray:
    """Metres [n] from the two lines over the shoulders, down to the lower ribs."""
    return np.maximum(np.abs(np.abs(rest[:, 0]) - 0.09), 0.26 - rest[:, 2])


def beside_diagonal(rest: np.ndarray) -> np.ndarray:
    """Metres [n] from the line that runs from the right shoulder to the left hip."""
    start, end = np.array([-0.09, 0.56]), np.array([0.15, 0.08])
    along = (end - start) / np.linalg.norm(end - start)
    aside = np.abs((rest[:, 0] - start[0]) * along[1] - (rest[:, 2] - start[1]) * along[0])
    return np.maximum(aside, 0.06 - rest[:, 2])


def beside_ribbon(rest: np.ndarray) -> np.ndarray:
    """Metres [n] from the two lines that meet on the chest, in front of the body only."""
    aside = np.abs(np.abs(rest[:, 0]) - 0.07 * np.clip((rest[:, 2] - 0.31) / 0.27, 0, 1))
    return np.maximum(np.maximum(aside, 0.31 - rest[:, 2]), rest[:, 1] + 0.01)


def build_shoulder_bag(figure: Figure, cut: Cut, worn: Accessories, *, clothes_m: float) -> list[Patch]:
    """A strap from the right shoulder across the chest to a bag at the left hip."""
    band = strap(figure, cut, beside_diagonal, width_m=0.034, offset_m=clothes_m + 0.005)
    hip, outward = anchor_point(figure, np.array([0.19, 0.0, 0.04]))
    half = np.array([0.05, 0.13, 0.1]) * (0.7 + 0.5 * worn.bag_size)
    outward = outward * [1.0, 1.0, 0.0]
    outward = outward / max(float(np.linalg.norm(outward)), 1e-6)
    return [band, soft_box(hip + (half[0] + clothes_m) * outward, outward, half)]


def soft_box(centre: np.ndarray, outward: np.ndarray, half_m: np.ndarray) -> Patch:
    """A rounded upright box; half_m is (out, across, up)."""
    polar, azimuth = np.linspace(0.001, np.pi - 0.001, 9), np.linspace(0, 2 * np.pi, 17)[:-1]
    unit = np.stack(
        [
            np.outer(np.sin(polar), np.cos(azimuth)),
            np.outer(np.sin(polar), np.sin(azimuth)),
            np.outer(np.cos(polar), np.ones(16)),
        ],
        axis=-1,
    ).reshape(-1, 3)
    boxy = np.sign(unit) * np.abs(unit) ** 0.45
    across = np.array([-outward[1], outward[0], 0.0])
    axes = np.stack([outward, across, [0.0, 0.0, 1.0]])
    vertices = (centre + (boxy * half_m) @ axes).astype(np.float32)
    quads = grid_quads(9, 16, is_closed=True)[:, ::-1].astype(np.int32)
    return surface(vertices, (boxy * half_m).astype(np.float32), quads)


def build_bag(figure: Figure, cut: Cut, worn: Accessories, *, clothes_m: float) -> list[Piece]:
    """`clothes_m` is how far the clothes stand off the body."""
    if worn.bag == "none":
        return []
    build = build_backpack if worn.bag == "backpack" else build_shoulder_bag
    patches = build(figure, cut, worn, clothes_m=clothes_m)
    color = np.array(worn.bag_color)
    return [Piece(patch, CLOTH, Part.BAG, color, weave=weave_coordinates(patch.rest)) for patch in patches]


def build_lanyard(figure: Figure, cut: Cut, worn: Accessories, *, clothes_m: float) -> list[Piece]:
    """A ribbon around the neck down to a card on the chest."""
    if not worn.has_lanyard:
        return []
    ribbon = strap(figure, cut, beside_ribbon, width_m=0.013, offset_m=clothes_m + 0.009)
    card = hang_card(*anchor_point(figure, np.array([0.0, -0.15, 0.27])), clothes_m=clothes_m)
    return [
        Piece(
            ribbon, CLOTH, Part.LANYARD, np.array(worn.lanyard_color), weave=weave_coordinates(ribbon.rest)
        ),
        Piece(card, GLOSS, Part.LANYARD, CARD_COLOR),
    ]


def hang_card(chest: np.ndarray, outward: np.ndarray, *, clothes_m: float) -> Patch:
    """A card of 56 x 86 mm flat on the clothes before a point of the body."""
    across = np.cross([0.0, 0.0, 1.0], outward)
    across /= max(float(np.linalg.norm(across)), 1e-6)
    up = np.cross(outward, across)
    corner_x, corner_z = np.meshgrid([-0.028, 0.028], [-0.043, 0.043])
    centre = chest + (clothes_m + 0.008) * outward
    points = centre + corner_x[..., None] * across + corner_z[..., None] * up
    vertices, quads = slab(points, thickness_m=0.002, up=outward)
    return surface(vertices.astype(np.float32), vertices.astype(np.float32), quads.astype(np.int32))
