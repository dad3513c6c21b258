"""Clothes cut out of the body's offset surface: which part is covered, and how far from the skin.

A cover field [n] is the distance in template metres to the nearest hem: positive where the garment is. Fields
and offsets are functions of template positions (`Cut` holds what they need of the body).
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from blender_assets.people.body import BodyBasis
from blender_assets.people.fabrics import SHOULDER, WRIST, place_along
from blender_assets.people.figure import Figure
from blender_assets.people.mesh import (
    Patch,
    boundary_edges,
    close_border,
    cut_along,
    push_apart,
    push_out,
    smooth,
    subdivide,
    wrap_around,
)
from blender_assets.people.wardrobe import ANKLE_Z, NECK_Z, WAIST_Z, Jacket, Legwear, Outfit, Shoes, Top

SKIN_MARGIN_M = 0.022  # skin is kept this far under a hem
SKIRT_MARGIN_M = 0.045
UNDER_M = 0.05  # an under garment is kept this far under an outer one
ARM_LENGTH_M = float(np.linalg.norm(WRIST - SHOULDER))
OUTSIDE = -1.0
SKIRT_PASSES = 3
SHOULDER_ROUNDS, SHOULDER_RADIUS_M = 6, 0.075


@dataclass(frozen=True)
class Cut:
    """The template body [V] as tailors see it; made once a person."""

    rest: np.ndarray  # [V, 3]
    arm: np.ndarray  # [V] share of the way from shoulder to wrist, 9 off the arms
    is_arm: np.ndarray  # [V]
    is_head: np.ndarray  # [V]


@lru_cache(maxsize=4)
def measure(basis: BodyBasis) -> Cut:
    mirrored = np.abs(basis.template_m * [1.0, 0.0, 0.0]) + basis.template_m * [0.0, 1.0, 1.0]
    share, _ = place_along(mirrored, SHOULDER, WRIST)
    return Cut(basis.template_m, share, basis.arm_weight > 0.3, basis.head_weight > 0.05)


def neckline(rest: np.ndarray, drop_m: float) -> np.ndarray:
    """Height [n] of the neck opening around the neck; lower in front by drop_m."""
    front = np.clip(-rest[:, 1] / 0.1 + 0.1, 0, 1)
    narrow = np.clip(1 - np.abs(rest[:, 0]) / 0.1, 0, 1)
    return NECK_Z + 0.012 - drop_m * front * narrow


def trunk_field(cut: Cut, *, sleeve: float, hem_z_m: float, neck_drop_m: float) -> np.ndarray:
    sleeves = np.where(cut.is_arm, (sleeve - cut.arm) * ARM_LENGTH_M, 1.0)
    hem = np.where(cut.is_arm, 1.0, cut.rest[:, 2] - hem_z_m)
    neck = neckline(cut.rest, neck_drop_m) - cut.rest[:, 2]
    return np.minimum(np.minimum(sleeves, hem), np.where(cut.is_head, OUTSIDE, neck))


def top_field(cut: Cut, top: Top) -> np.ndarray:
    return trunk_field(cut, sleeve=top.sleeve, hem_z_m=top.hem_z_m, neck_drop_m=top.neck_drop_m)


def half_opening(rest: np.ndarray, jacket: Jacket) -> np.ndarray:
    """Half width [n] of the gap in front of a jacket, wider towards the neck."""
    spread = 0.075 if jacket.kind == "blazer" else 0.03
    return jacket.half_opening_m + spread * np.clip((rest[:, 2] - 0.2) / 0.35, 0, 1)


def jacket_field(cut: Cut, jacket: Jacket) -> np.ndarray:
    whole = trunk_field(cut, sleeve=0.97, hem_z_m=jacket.hem_z_m, neck_drop_m=0.015)
    closed = np.abs(cut.rest[:, 0]) - half_opening(cut.rest, jacket)
    return np.minimum(whole, np.where(cut.rest[:, 1] < 0.0, closed, 1.0))


def legs_field(cut: Cut, legs: Legwear) -> np.ndarray:
    z = cut.rest[:, 2]
    return np.where(cut.is_arm, OUTSIDE, np.minimum(WAIST_Z - z, z - legs.hem_z_m))


def shoe_height(shoes: Shoes) -> float:
    return ANKLE_Z + {"low": -0.018, "sneaker": -0.008, "boot": 0.06}[shoes.kind]


def shoes_field(cut: Cut, shoes: Shoes) -> np.ndarray:
    return np.where(cut.is_arm, OUTSIDE, shoe_height(shoes) - cut.rest[:, 2])


def cover_field(cut: Cut, outfit: Outfit, *, skirt_margin_m: float = 0.0) -> np.ndarray:
    """Distance [V] that the skin lies within the nearest garment; within a skirt less by skirt_margin_m."""
    legs = legs_field(cut, outfit.legs)
    if outfit.legs.kind in ("skirt", "dress"):
        legs = legs - skirt_margin_m
    field = np.maximum(np.maximum(top_field(cut, outfit.top), legs), shoes_field(cut, outfit.shoes))
    return field if outfit.jacket is None else np.maximum(field, jacket_field(cut, outfit.jacket))


def fold_noise(rest: np.ndarray, *, seed: int) -> np.ndarray:
    """Smooth noise [v] in -1..1 that sticks to the template surface."""
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(6, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    waves = rng.uniform(14, 55, 6)[:, None] * directions
    return np.sin(rest @ waves.T + rng.uniform(0, 2 * np.pi, 6)).mean(axis=1)


def sew(patch: Patch, *, offset_m: float | np.ndarray, fold_m: float, seed: int, smoothing: int = 2) -> Patch:
    """A cut patch pushed out along its normals with folds, refined once, its openings closed by a rim."""
    offset = np.broadcast_to(np.asarray(offset_m), len(patch.vertices))
    pushed = push_out(patch, offset + fold_m * fold_noise(patch.rest, seed=seed))
    fine = subdivide(pushed)
    border = boundary_edges(fine.quads)
    fine = smooth(fine, rounds=smoothing, border=border)
    return close_border(fine, depth_m=float(offset.max(initial=0.0)) + 0.012, border=border)


def tailor(figure: Figure, *, group: str, field: np.ndarray) -> Patch:
    """The part of a face group where the field is positive, in posed and template space."""
    return cut_along(figure.patch(group), field)


def relax_shoulders(patch: Patch) -> Patch:
    """Rounder where a lowered arm bulges: linear skinning keeps the raised shoulder of the A-pose."""
    side = np.abs(patch.rest) * [1.0, 0.0, 0.0] + patch.rest * [0.0, 1.0, 1.0]
    near = np.exp(-((np.linalg.norm(side - SHOULDER, axis=1) / SHOULDER_RADIUS_M) ** 2))[:, None]
    relaxed = smooth(patch, rounds=SHOULDER_ROUNDS)
    vertices = patch.vertices + near * (relaxed.vertices - patch.vertices)
    return replace(patch, vertices=vertices.astype(np.float32))


def top_offset(rest: np.ndarray, looseness_m: float, *, is_tucked: bool) -> np.ndarray:
    """Metres [n] from the body: close on shoulders and arms, looser where the cloth hangs."""
    hanging = np.clip((0.4 - rest[:, 2]) / 0.3, 0, 1) * (np.abs(rest[:, 0]) < 0.22)
    on_arm = np.clip((np.abs(rest[:, 0]) - 0.18) / 0.08, 0, 1)
    offset = 0.008 + looseness_m * (0.4 + 0.9 * hanging + 0.2 * on_arm)
    if is_tucked:
        offset = offset * np.clip((rest[:, 2] - WAIST_Z) / 0.05, 0.1, 1)
    return offset


def sew_top(figure: Figure, outfit: Outfit, cut: Cut) -> Patch:
    """The whole top, or what a jacket leaves to be seen of it."""
    top, jacket = outfit.top, outfit.jacket
    field = top_field(cut, top)
    if jacket is not None:
        seen = half_opening(cut.rest, jacket) + UNDER_M - np.abs(cut.rest[:, 0])
        field = np.minimum(field, np.where(cut.is_arm | (cut.rest[:, 1] > 0.02), OUTSIDE, seen))
    patch = tailor(figure, group="tights", field=field)
    offset = top_offset(patch.rest, top.looseness_m * (jacket is None), is_tucked=top.is_tucked)
    return sew(
        relax_shoulders(patch), offset_m=offset, fold_m=0.003 if jacket else 0.005, seed=outfit.fold_seed
    )


def jacket_offset(rest: np.ndarray, jacket: Jacket) -> np.ndarray:
    return 0.007 + top_offset(rest, jacket.looseness_m, is_tucked=False)


def sew_jacket(figure: Figure, outfit: Outfit, cut: Cut) -> Patch:
    assert outfit.jacket is not None
    patch = tailor(figure, group="tights", field=jacket_field(cut, outfit.jacket))
    return sew(
        relax_shoulders(patch),
        offset_m=jacket_offset(patch.rest, outfit.jacket),
        fold_m=0.004,
        seed=outfit.fold_seed + 3,
    )


def outer_hem(outfit: Outfit) -> float:
    """Template height below which the legwear can be seen."""
    hems = [WAIST_Z if outfit.top.is_tucked else outfit.top.hem_z_m]
    if outfit.jacket is not None and not outfit.top.is_tucked:
        hems.append(outfit.jacket.hem_z_m)
    return max(hems)


def sew_legs(figure: Figure, outfit: Outfit, cut: Cut) -> Patch:
    """Legwear from the hem up to the waist, or to a little under the hem of the top that hangs over it."""
    legs, field = outfit.legs, legs_field(cut, outfit.legs)
    hem_z_m = outer_hem(outfit)
    field = np.minimum(field, hem_z_m + UNDER_M - cut.rest[:, 2])
    is_skirt = legs.kind in ("skirt", "dress")
    patch = tailor(figure, group="skirt" if is_skirt else "tights", field=field)
    under = np.clip((patch.rest[:, 2] - hem_z_m) / 0.02, 0, 1)
    if is_skirt:
        return sew_skirt(figure, patch, outfit)
    offset = legs_offset(patch.rest, legs, is_over=outfit.top.is_tucked)
    return sew(patch, offset_m=offset * (1 - 0.7 * under), fold_m=0.005, seed=outfit.fold_seed + 1)


def legs_offset(rest: np.ndarray, legs: Legwear, *, is_over: bool) -> np.ndarray:
    """Metres [n] from the body: close at the waist, hanging straight from the thighs down."""
    down = np.clip(-0.05 - rest[:, 2], 0, 0.7)
    calf = 0.012 * np.exp(-(((rest[:, 2] + 0.62) / 0.12) ** 2))
    return 0.005 + 0.004 * is_over + legs.looseness_m * (0.2 + 1.4 * down) + calf


def sew_skirt(figure: Figure, patch: Patch, outfit: Outfit) -> Patch:
    """A skirt that legs push out where they would come through."""
    legs = np.unique(figure.basis.faces["tights"])
    legs = legs[(figure.basis.template_m[legs, 2] < WAIST_Z) & (figure.basis.arm_weight[legs] < 0.3)]
    body = figure.patch("tights")
    loose = push_out(patch, np.full(len(patch.vertices), 0.006))
    clear = push_apart(loose, figure.vertices[legs], body.normals[legs], gap_m=0.014)
    inner = legs[(figure.basis.template_m[legs, 2] > outfit.legs.hem_z_m - 0.01)]
    for _ in range(SKIRT_PASSES):
        clear = wrap_around(clear, figure.vertices[inner], gap_m=0.014, reach_m=0.15)
    fine = smooth(subdivide(clear), rounds=2)
    fine = push_apart(fine, figure.vertices[legs], body.normals[legs], gap_m=0.006)
    fine = wrap_around(fine, figure.vertices[inner], gap_m=0.006, reach_m=0.12)
    return close_border(fine, depth_m=0.012)


def sew_shoes(figure: Figure, outfit: Outfit, cut: Cut) -> Patch:
    patch = tailor(figure, group="tights", field=shoes_field(cut, outfit.shoes))
    return sew(patch, offset_m=0.007, fold_m=0.0, seed=outfit.fold_seed, smoothing=3)


def bare_skin(figure: Figure, cut: Cut, outfit: Outfit) -> np.ndarray:
    """The body quads [f, 4] that do not lie wholly under clothes; below a skirt more can be seen."""
    cover = cover_field(cut, outfit, skirt_margin_m=SKIRT_MARGIN_M - SKIN_MARGIN_M)
    quads = figure.basis.faces["body"]
    return quads[~(cover[quads] > SKIN_MARGIN_M).all(axis=1)]


def tuck_skin(figure: Figure, cut: Cut, outfit: Outfit) -> np.ndarray:
    """Posed vertices [V, 3] with the skin under a hem drawn in by up to 1 cm, so that it cannot come through."""
    depth_m = np.clip(0.6 * cover_field(cut, outfit), 0, 0.01)
    return figure.vertices - depth_m[:, None].astype(np.float32) * figure.body.normals
