"""What is sewn onto clothes: collars, hoods, pockets, plackets with buttons, lapels, belts, soles."""

import numpy as np

from blender_assets.people.figure import Figure
from blender_assets.people.garments import (
    OUTSIDE,
    Cut,
    fold_noise,
    half_opening,
    jacket_field,
    jacket_offset,
    neckline,
    sew,
    tailor,
    top_offset,
)
from blender_assets.people.mesh import Patch, close_border, push_out, smooth, subdivide, surface
from blender_assets.people.wardrobe import WAIST_Z, Jacket, Outfit, Top

BUTTON_SPACING_M, BUTTON_RADIUS_M = 0.075, 0.0055


def sew_collar(figure: Figure, cut: Cut, *, neck_drop_m: float, offset_m: float, gap_m: float) -> list[Patch]:
    """A stand around the neck and the leaf that is folded over it, open by gap_m in front."""
    x, y, z = cut.rest.T
    above = z - neckline(cut.rest, neck_drop_m)
    open_front = np.where(y < 0, np.abs(x) - gap_m, 1.0)
    tip = gap_m + 0.035
    point = 0.02 * np.clip(1 - np.abs(np.abs(x) - tip) / 0.04, 0, 1) * (y < -0.03)
    on_neck = np.where(cut.is_arm | (figure.basis.head_weight > 0.35), OUTSIDE, open_front)
    patches = []
    for low, distance_m in ((np.full(len(z), -0.012), offset_m), (-0.022 - point, offset_m + 0.009)):
        field = np.minimum(on_neck, np.minimum(above - low, 0.026 - above))
        patch = tailor(figure, group="body", field=field)
        drop_m = np.clip(neckline(patch.rest, neck_drop_m) - patch.rest[:, 2], 0, 0.05)
        fine = smooth(subdivide(push_out(patch, distance_m + 0.1 * drop_m)), rounds=1)
        patches.append(close_border(fine, depth_m=0.004))
    return patches


def sew_hood(figure: Figure, outfit: Outfit, cut: Cut) -> list[Patch]:
    """A hood that lies on the back, and its thick edge around the neck."""
    x, y, z = cut.rest.T
    bulge = 1 - (x / 0.13) ** 2 - ((z - 0.535) / 0.085) ** 2
    field = np.where(cut.is_arm | cut.is_head | (y < -0.02), OUTSIDE, 0.1 * bulge)
    back = tailor(figure, group="tights", field=field)
    height = 1 - (back.rest[:, 0] / 0.13) ** 2 - ((back.rest[:, 2] - 0.535) / 0.085) ** 2
    offset = 0.014 + outfit.top.looseness_m + 0.045 * np.sqrt(np.clip(height, 0, 1))
    sewn = [sew(back, offset_m=offset, fold_m=0.006, seed=outfit.fold_seed + 5, smoothing=3)]
    above = z - neckline(cut.rest, outfit.top.neck_drop_m + 0.03)
    around = np.where(
        cut.is_arm | (figure.basis.head_weight > 0.35), OUTSIDE, np.minimum(above + 0.03, 0.03 - above)
    )
    edge = tailor(figure, group="body", field=around)
    return [*sewn, sew(edge, offset_m=0.02, fold_m=0.004, seed=outfit.fold_seed + 6, smoothing=3)]


def sew_pocket(figure: Figure, outfit: Outfit, cut: Cut) -> Patch:
    """The pouch in front of a hoodie, narrower at its top."""
    x, y, z = cut.rest.T
    low = max(outfit.top.hem_z_m + 0.04, 0.05)
    width = 0.12 - 0.35 * np.clip(z - low - 0.03, 0, 1)
    field = np.minimum(np.minimum(width - np.abs(x), z - low), low + 0.15 - z)
    patch = tailor(figure, group="tights", field=np.where(cut.is_arm | (y > -0.02), OUTSIDE, field))
    offset = top_offset(patch.rest, outfit.top.looseness_m, is_tucked=False) + 0.007
    return sew(patch, offset_m=offset, fold_m=0.005, seed=outfit.fold_seed)


def sew_placket(figure: Figure, outfit: Outfit, cut: Cut) -> Patch:
    """The doubled strip in front of a shirt, where its buttons are."""
    x, y, z = cut.rest.T
    inside = np.minimum(neckline(cut.rest, outfit.top.neck_drop_m) - z, z - placket_end(outfit.top))
    field = np.where(y > 0, OUTSIDE, np.minimum(inside, 0.014 - np.abs(x)))
    patch = tailor(figure, group="tights", field=field)
    return sew(patch, offset_m=front_offset(patch.rest, outfit) + 0.002, fold_m=0.0, seed=0)


def placket_end(top: Top) -> float:
    return WAIST_Z if top.is_tucked else top.hem_z_m


def front_offset(rest: np.ndarray, outfit: Outfit) -> np.ndarray:
    """Metres [n] from the body to the front of the top, folds included."""
    loose = outfit.top.looseness_m * (outfit.jacket is None)
    fold_m = 0.003 if outfit.jacket else 0.005
    return top_offset(rest, loose, is_tucked=outfit.top.is_tucked) + fold_m * fold_noise(
        rest, seed=outfit.fold_seed
    )


def sew_buttons(placket: Patch, outfit: Outfit) -> Patch:
    """Small discs down the middle of a placket."""
    heights = np.arange(
        neckline(np.array([[0.0, -0.1, 0.0]]), outfit.top.neck_drop_m)[0] - 0.02,
        placket_end(outfit.top) + 0.02,
        -BUTTON_SPACING_M,
    )
    middle = np.flatnonzero(np.abs(placket.rest[:, 0]) < 0.004)
    nearest = middle[np.abs(placket.rest[middle, 2][None] - heights[:, None]).argmin(axis=1)]
    return discs(placket, nearest, radius_m=BUTTON_RADIUS_M, lift_m=0.0015)


def discs(patch: Patch, anchors: np.ndarray, *, radius_m: float, lift_m: float) -> Patch:
    """Flat hexagons (three quads each) on the surface at the anchor vertices [n]."""
    normals = patch.normals[anchors]
    across = np.cross(normals, [0.0, 0.0, 1.0])
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    along = np.cross(normals, across)
    angle = np.arange(6) * np.pi / 3
    rim = np.cos(angle)[:, None, None] * across + np.sin(angle)[:, None, None] * along
    ring = patch.vertices[anchors] + lift_m * normals + radius_m * rim  # [6, n, 3]
    centre = (patch.vertices[anchors] + (lift_m + 0.001) * normals)[None]
    vertices = np.concatenate([ring, centre]).astype(np.float32)
    count = len(anchors)
    corners = np.array([[6, 0, 1, 2], [6, 2, 3, 4], [6, 4, 5, 0]])
    quads = (corners[None] * count + np.arange(count)[:, None, None]).reshape(-1, 4).astype(np.int32)
    rest = np.tile(patch.rest[anchors], (7, 1))
    return surface(vertices.reshape(-1, 3), rest, quads)


def sew_lapels(figure: Figure, outfit: Outfit, jacket: Jacket, cut: Cut) -> Patch:
    """The turned edges of a blazer, from the collar to the upper button."""
    x, _, z = cut.rest.T
    beside = np.abs(x) - half_opening(cut.rest, jacket)
    width = 0.05 * np.clip((z - 0.24) / 0.2, 0, 1) + 0.002
    field = np.minimum(np.minimum(width - beside, z - 0.24), jacket_field(cut, jacket))
    patch = tailor(figure, group="tights", field=np.where(cut.rest[:, 1] > 0, OUTSIDE, field))
    return sew(
        patch, offset_m=jacket_offset(patch.rest, jacket) + 0.005, fold_m=0.004, seed=outfit.fold_seed + 3
    )


def sew_belt(figure: Figure, outfit: Outfit, cut: Cut) -> Patch:
    z = cut.rest[:, 2]
    field = np.where(cut.is_arm, OUTSIDE, np.minimum(WAIST_Z - 0.004 - z, z - WAIST_Z + 0.036))
    patch = tailor(figure, group="tights", field=field)
    return sew(patch, offset_m=0.013 + 0.4 * outfit.legs.looseness_m, fold_m=0.002, seed=outfit.fold_seed + 1)


def sew_soles(figure: Figure, outfit: Outfit, cut: Cut) -> Patch:
    """The lowest part of the shoes, thicker than their uppers."""
    z = cut.rest[:, 2]
    field = np.where(cut.is_arm, OUTSIDE, -0.796 - z)
    patch = tailor(figure, group="tights", field=field)
    thickness_m = 0.0095 if outfit.shoes.kind == "low" else 0.012
    return sew(patch, offset_m=thickness_m, fold_m=0.0, seed=0, smoothing=3)
