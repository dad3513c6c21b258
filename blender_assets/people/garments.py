"""Clothes cut out of the body's offset surface: which part is covered, how loose, in which pattern.

A cover field [V] is the distance in template metres to the nearest hem: positive where the garment is.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from blender_assets.people.body import BodyBasis
from blender_assets.people.colors import draw_fabric_color, draw_trouser_color
from blender_assets.people.mesh import (
    Patch,
    close_border,
    compact,
    cut_along,
    push_out,
    smooth,
    subdivide,
    surface,
)
from blender_assets.people.parts import Part
from blender_assets.people.phenotypes import PeopleSettings

PatternKind = Literal["plain", "stripes", "pinstripes", "checks", "print"]
# Heights and lengths on the template body (1.67 m tall, z from -0.82 at the soles to 0.85 at the crown).
ANKLE_Z, KNEE_Z, WAIST_Z, NECK_Z = -0.735, -0.369, 0.185, 0.578
SKIN_MARGIN_M = 0.03  # skin is kept this far under a hem


@dataclass(frozen=True)
class Pattern:
    kind: PatternKind
    second_color: tuple[float, float, float]
    period_m: float


@dataclass(frozen=True)
class Outfit:
    """Everything that was drawn for the clothes of a person."""

    sleeve: float  # share of the arm that is covered, shoulder 0 .. wrist 1
    hem_z_m: float
    neck_drop_m: float
    looseness_m: float
    is_jacket: bool
    legs: Literal["trousers", "shorts", "skirt"]
    leg_hem_z_m: float
    leg_looseness_m: float
    top_color: tuple[float, float, float]
    leg_color: tuple[float, float, float]
    shoe_color: tuple[float, float, float]
    inner_color: tuple[float, float, float]
    pattern: Pattern
    fold_seed: int

    def as_parameters(self) -> dict[str, Any]:
        return asdict(self)


def as_color(color: np.ndarray) -> tuple[float, float, float]:
    red, green, blue = (float(channel) for channel in color)
    return red, green, blue


def draw_pattern(rng: np.random.Generator, *, settings: PeopleSettings) -> Pattern:
    kinds: list[PatternKind] = ["stripes", "pinstripes", "checks", "print"]
    kind: PatternKind = (
        "plain" if rng.random() < settings.plain_fabric_fraction else kinds[int(rng.integers(4))]
    )
    second = as_color(draw_fabric_color(rng, settings=settings))
    return Pattern(kind=kind, second_color=second, period_m=float(rng.uniform(0.05, 0.11)))


def draw_legs(rng: np.random.Generator, is_female: bool, *, settings: PeopleSettings) -> tuple[str, float]:
    """Kind and hem height (template metres)."""
    if is_female and rng.random() < settings.skirt_fraction_of_women:
        return "skirt", float(rng.uniform(KNEE_Z - 0.1, KNEE_Z + 0.08))
    if rng.random() < settings.shorts_fraction:
        return "shorts", float(rng.uniform(KNEE_Z + 0.01, KNEE_Z + 0.12))
    return "trousers", float(rng.uniform(ANKLE_Z - 0.015, ANKLE_Z + 0.03))


def draw_outfit(rng: np.random.Generator, is_female: bool, *, settings: PeopleSettings) -> Outfit:
    is_jacket = bool(rng.random() < settings.jacket_fraction)
    is_long = is_jacket or rng.random() < settings.long_sleeve_fraction
    legs, leg_hem = draw_legs(rng, is_female, settings=settings)
    return Outfit(
        sleeve=float(rng.uniform(0.9, 0.99) if is_long else rng.uniform(0.2, 0.45)),
        hem_z_m=float(rng.uniform(-0.02, 0.02) if is_jacket else rng.uniform(0.03, 0.09)),
        neck_drop_m=float(rng.uniform(0.0, 0.07)),
        looseness_m=float(rng.uniform(0.004, 0.016) + 0.005 * is_jacket),
        is_jacket=is_jacket,
        legs=legs,  # pyright: ignore[reportArgumentType]
        leg_hem_z_m=leg_hem,
        leg_looseness_m=float(rng.uniform(0.002, 0.01)),
        top_color=as_color(draw_fabric_color(rng, settings=settings)),
        leg_color=as_color(draw_trouser_color(rng, settings=settings)),
        shoe_color=as_color(
            draw_trouser_color(rng, settings=settings) if rng.random() < 0.8 else np.full(3, 0.7)
        ),
        inner_color=as_color(draw_fabric_color(rng, settings=settings)),
        pattern=draw_pattern(rng, settings=settings),
        fold_seed=int(rng.integers(2**31)),
    )


def arm_coordinate(basis: BodyBasis) -> np.ndarray:
    """Share [V] of the way from shoulder 0 to wrist 1, along the A-pose arm of the nearer side."""
    shoulder, wrist = (basis.bone_heads_m[basis.bone(name)] for name in ("upperarm01.L", "wrist.L"))
    points = basis.template_m * [1.0, 1.0, 1.0]
    points[:, 0] = np.abs(points[:, 0])
    arm = wrist - shoulder
    return (points - shoulder) @ arm / (arm @ arm)


def top_field(basis: BodyBasis, outfit: Outfit) -> np.ndarray:
    template, arm_length_m = basis.template_m, 0.42
    is_arm = basis.arm_weight > 0.3
    sleeve = np.where(is_arm, (outfit.sleeve - arm_coordinate(basis)) * arm_length_m, 1.0)
    hem = np.where(is_arm, 1.0, template[:, 2] - outfit.hem_z_m)
    front = np.clip(-template[:, 1] / 0.1 + 0.1, 0, 1)
    narrow = np.clip(1 - np.abs(template[:, 0]) / 0.1, 0, 1)
    neck = NECK_Z + 0.012 - outfit.neck_drop_m * front * narrow - template[:, 2]
    return np.minimum(np.minimum(sleeve, hem), np.where(basis.head_weight > 0.05, -1.0, neck))


def legs_field(basis: BodyBasis, outfit: Outfit) -> np.ndarray:
    z = basis.template_m[:, 2]
    field = np.minimum(WAIST_Z - z, z - outfit.leg_hem_z_m)
    return np.where(basis.arm_weight > 0.3, -1.0, field)


def shoes_field(basis: BodyBasis) -> np.ndarray:
    return np.where(basis.arm_weight > 0.3, -1.0, ANKLE_Z - 0.015 - basis.template_m[:, 2])


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
    fine = smooth(subdivide(pushed), rounds=smoothing)
    return close_border(fine, depth_m=float(offset.max()) + 0.012)


def tailor(basis: BodyBasis, posed: np.ndarray, *, group: str, field: np.ndarray) -> Patch:
    """The part of a face group where the field is positive, in posed and template space."""
    return cut_along(surface(posed, basis.template_m, basis.faces[group]), field)


def sew_top(basis: BodyBasis, posed: np.ndarray, outfit: Outfit) -> Patch:
    patch = tailor(basis, posed, group="tights", field=top_field(basis, outfit))
    hanging = np.clip((0.25 - patch.rest[:, 2]) / 0.25, 0, 1) * (np.abs(patch.rest[:, 0]) < 0.22)
    on_arm = np.clip(patch.rest[:, 0] ** 2 / 0.05 - 0.6, 0, 1)
    offset = 0.011 - 0.006 * on_arm + outfit.looseness_m * (0.6 + 0.6 * hanging - 0.2 * on_arm)
    return sew(patch, offset_m=offset, fold_m=0.006, seed=outfit.fold_seed)


def sew_legs(basis: BodyBasis, posed: np.ndarray, outfit: Outfit) -> Patch:
    group = "skirt" if outfit.legs == "skirt" else "tights"
    patch = tailor(basis, posed, group=group, field=legs_field(basis, outfit))
    if outfit.legs == "skirt":
        return sew(patch, offset_m=0.003, fold_m=0.004, seed=outfit.fold_seed + 1, smoothing=3)
    down = np.clip((0.0 - patch.rest[:, 2]) / 0.7, 0, 1)
    return sew(
        patch, offset_m=0.004 + outfit.leg_looseness_m * (0.5 + down), fold_m=0.005, seed=outfit.fold_seed + 1
    )


def sew_shoes(basis: BodyBasis, posed: np.ndarray, outfit: Outfit) -> Patch:
    patch = tailor(basis, posed, group="tights", field=shoes_field(basis))
    return sew(patch, offset_m=0.007, fold_m=0.0, seed=outfit.fold_seed, smoothing=3)


def covered_skin(basis: BodyBasis, outfit: Outfit) -> np.ndarray:
    """Which body quads [f] lie wholly under clothes, and can go."""
    field = np.maximum(top_field(basis, outfit), shoes_field(basis))
    if outfit.legs != "skirt":
        field = np.maximum(field, legs_field(basis, outfit))
    return (field[basis.faces["body"]] > SKIN_MARGIN_M).all(axis=1)


def hide_waistband(patch: Patch, outfit: Outfit) -> Patch:
    """Trousers without the part that lies well under the top, where it could poke through."""
    centre_z = patch.rest[patch.quads][:, :, 2].mean(axis=1)
    kept = patch.quads[centre_z < max(outfit.hem_z_m + 0.06, 0.1)]
    return compact(replace(patch, quads=kept))[0]


def pattern_mask(rest: np.ndarray, pattern: Pattern) -> np.ndarray:
    """Share [f] of the second colour for faces at template positions rest [f, 3]."""
    across = rest / pattern.period_m
    level, side = (np.mod(across[:, axis], 1.0) < 0.45 for axis in (2, 0))
    if pattern.kind == "stripes":
        return level.astype(float)
    if pattern.kind == "pinstripes":
        return 0.7 * (np.mod(across[:, 0], 1.0) < 0.22)
    if pattern.kind == "checks":
        return 0.5 * level + 0.5 * side
    if pattern.kind == "print":
        return ((np.abs(rest[:, 0]) < 0.07) & (np.abs(rest[:, 2] - 0.4) < 0.07)).astype(float)
    return np.zeros(len(rest))


def is_in_opening(rest: np.ndarray) -> np.ndarray:
    """Whether template positions rest [n, 3] lie where a jacket stands open."""
    half_width = 0.015 + 0.1 * np.clip((rest[:, 2] - 0.15) / 0.4, 0, 1)
    return (rest[:, 1] < 0.0) & (np.abs(rest[:, 0]) < half_width)


def top_parts(patch: Patch, outfit: Outfit) -> np.ndarray:
    """Parts uint8 [f]: a jacket is a coat, with upper clothes in its opening."""
    if not outfit.is_jacket:
        return np.full(len(patch.quads), Part.UPPER_CLOTHES, dtype=np.uint8)
    is_open = is_in_opening(patch.rest[patch.quads].mean(axis=1))
    return np.where(is_open, Part.UPPER_CLOTHES, Part.COAT).astype(np.uint8)


def color_top_at(rest: np.ndarray, outfit: Outfit) -> np.ndarray:
    """Linear RGB [n, 3] of the top at template positions rest [n, 3], collar and jacket opening included."""
    share = pattern_mask(rest, outfit.pattern)[:, None] * (0.4 if outfit.is_jacket else 1.0)
    colors = (1 - share) * np.array(outfit.top_color) + share * np.array(outfit.pattern.second_color)
    if outfit.is_jacket:
        colors[is_in_opening(rest)] = outfit.inner_color
    elif outfit.neck_drop_m < 0.035:
        colors[rest[:, 2] > NECK_Z - outfit.neck_drop_m - 0.006] *= 0.75
    return colors


def color_top(patch: Patch, outfit: Outfit) -> np.ndarray:
    """Linear RGB [f, 3] of the faces, averaged over five points of each so that stripes have softer edges."""
    corners = patch.rest[patch.quads]
    centre = corners.mean(axis=1)
    points = [centre, *(0.65 * corners[:, k] + 0.35 * centre for k in range(4))]
    return np.mean([color_top_at(point, outfit) for point in points], axis=0)
