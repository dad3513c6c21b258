"""Hair: a cap over the scalp with a drawn hairline, and what hangs from it (fall, bun, ponytail)."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from blender_assets.people.body import BodyBasis
from blender_assets.people.colors import draw_hair_color
from blender_assets.people.fabrics import as_color
from blender_assets.people.garments import fold_noise
from blender_assets.people.mesh import (
    Patch,
    close_border,
    cut_along,
    push_out,
    smooth,
    subdivide,
    surface,
    vertex_normals,
)
from blender_assets.people.parts import Part
from blender_assets.people.phenotypes import PeopleSettings
from blender_assets.people.pieces import HAIR, Piece

HEAD_CENTRE = np.array([0.0, -0.06, 0.735])  # template metres
HEAD_RADIUS = np.array([0.088, 0.098, 0.114])
# Height of the hairline (in head radii above the centre) from forehead -1 to nape +1.
HAIRLINE_DEPTH = (-1.0, -0.7, -0.35, 0.0, 0.3, 0.6, 1.0)
HAIRLINE_LEVEL = (0.55, 0.52, 0.32, 0.28, -0.15, -0.5, -0.62)
STYLES_MALE = (
    ("bald", 0.07),
    ("fringe", 0.08),
    ("short", 0.45),
    ("medium", 0.32),
    ("long", 0.03),
    ("bun", 0.03),
    ("ponytail", 0.02),
)
STYLES_FEMALE = (("short", 0.1), ("medium", 0.25), ("long", 0.33), ("bun", 0.15), ("ponytail", 0.17))
THICKNESS_M = {
    "fringe": 0.005,
    "short": 0.008,
    "medium": 0.02,
    "long": 0.018,
    "bun": 0.009,
    "ponytail": 0.009,
}


@dataclass(frozen=True)
class HairStyle:
    kind: str
    color: tuple[float, float, float]
    thickness_m: float
    recession: float  # raises the front hairline, in head radii
    fall_z_m: float  # template height where long hair ends
    stubble: float  # 0 none .. 1 dense
    seed: int

    def as_parameters(self) -> dict[str, Any]:
        return asdict(self)


def draw_hair(
    rng: np.random.Generator, is_female: bool, melanin: float, *, settings: PeopleSettings
) -> HairStyle:
    styles = STYLES_FEMALE if is_female else STYLES_MALE
    kind = str(rng.choice([name for name, _ in styles], p=[chance for _, chance in styles]))
    has_beard = not is_female and rng.random() < 0.4
    return HairStyle(
        kind=kind,
        color=as_color(draw_hair_color(rng, melanin, settings=settings)),
        thickness_m=THICKNESS_M.get(kind, 0.0) * float(rng.uniform(0.7, 1.4)),
        recession=0.0 if is_female else float(rng.uniform(0.0, 0.25)),
        fall_z_m=float(rng.uniform(0.42, 0.6)),
        stubble=float(rng.uniform(0.4, 1.0)) if has_beard else 0.0,
        seed=int(rng.integers(2**31)),
    )


def scalp_field(basis: BodyBasis, style: HairStyle) -> np.ndarray:
    """Distance [V] in template metres above the hairline; negative off the scalp."""
    place = (basis.template_m - HEAD_CENTRE) / HEAD_RADIUS
    level = np.interp(place[:, 1], HAIRLINE_DEPTH, HAIRLINE_LEVEL)
    level = level + style.recession * np.clip(-place[:, 1], 0, 1)
    level = level + 0.2 * np.clip(-place[:, 1] - 0.2, 0, 1) * place[:, 0] ** 2  # the temples recede
    ragged_m = 0.006 * fold_noise(basis.template_m * 2.0, seed=style.seed + 2)
    field = (place[:, 2] - level) * HEAD_RADIUS[2] + ragged_m
    if style.kind == "fringe":
        field = np.minimum(field, (0.45 - place[:, 2]) * HEAD_RADIUS[2])
        field = np.minimum(field, (place[:, 1] + 0.35) * HEAD_RADIUS[1])
    return np.where(basis.head_weight > 0.5, field, -0.2)


def hairline_rise(rest: np.ndarray) -> np.ndarray:
    """0 at the hairline [n] to 1 well above it, at template positions rest [n, 3]."""
    place = (rest - HEAD_CENTRE) / HEAD_RADIUS
    level = np.interp(place[:, 1], HAIRLINE_DEPTH, HAIRLINE_LEVEL)
    return np.clip((place[:, 2] - level) / 0.4, 0, 1)


def tint_cap(patch: Patch, style: HairStyle, tone: np.ndarray) -> np.ndarray:
    """Factors [v, 3] on the hair's colour: the skin's tone shines through at the hairline."""
    density = np.clip(0.3 + 4.0 * hairline_rise(patch.rest), 0, 1)[:, None]
    return density + (1 - density) * tone / np.array(style.color)


def strands(rest: np.ndarray) -> np.ndarray:
    """Metres (around, along, 0) [n, 3]: strands run from the crown down, around mirrors at the middle."""
    place = rest - HEAD_CENTRE - np.array([0.0, 0.03, 0.0])
    around = 0.1 * np.abs(np.arctan2(place[:, 0], -place[:, 1]))
    return np.stack([around, place[:, 2], np.zeros(len(rest))], axis=1)


def grow_cap(basis: BodyBasis, posed: np.ndarray, style: HairStyle) -> Patch:
    """The hair on the skull, thin at the hairline, thick on top."""
    field = scalp_field(basis, style)
    patch = cut_along(surface(posed, basis.template_m, basis.faces["body"]), field)
    rise = hairline_rise(patch.rest) if style.kind != "fringe" else np.ones(len(patch.rest))
    clumps = 1 + 0.35 * fold_noise(patch.rest * 2.2, seed=style.seed)
    fine = smooth(subdivide(push_out(patch, 0.003 + style.thickness_m * rise * clumps)), rounds=2)
    return close_border(fine, depth_m=0.006)


def grow_fall(basis: BodyBasis, posed: np.ndarray, style: HairStyle) -> Patch:
    """Long hair lying on the back of head, neck and shoulders: a thick shell over the body's own surface."""
    template = basis.template_m
    width = np.interp(template[:, 2], [0.4, 0.6, 0.7], [0.12, 0.105, 0.12])
    front = np.interp(template[:, 2], [0.5, 0.6, 0.68, 0.76], [0.0, -0.015, -0.05, -0.085])
    field = np.minimum(width - np.abs(template[:, 0]), template[:, 1] - front)
    field = np.minimum(field, template[:, 2] - style.fall_z_m)
    field = np.minimum(field, 0.79 - template[:, 2])
    field = np.where(basis.arm_weight > 0.3, -0.2, field)
    patch = cut_along(surface(posed, template, basis.faces["body"]), field)
    below_head = np.clip((0.68 - patch.rest[:, 2]) / 0.08, 0, 1)
    push = style.thickness_m + 0.028 * below_head + 0.008 * fold_noise(patch.rest * 1.5, seed=style.seed + 1)
    loose = smooth(push_out(patch, push), rounds=6)
    return close_border(smooth(subdivide(loose), rounds=3), depth_m=0.03)


def tube(points: np.ndarray, radii: np.ndarray, *, sides: int = 10) -> Patch:
    """A tube [n*sides vertices] of horizontal rings around points [n, 3] with radii [n]."""
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    ring = np.stack([np.cos(angle), np.sin(angle), np.zeros(sides)], axis=1)
    vertices = (points[:, None] + radii[:, None, None] * ring).reshape(-1, 3).astype(np.float32)
    row, column = np.meshgrid(np.arange(len(points) - 1), np.arange(sides), indexing="ij")
    first, after = row * sides + column, row * sides + (column + 1) % sides
    quads = np.stack([first, after, after + sides, first + sides], axis=-1).reshape(-1, 4)
    return surface(vertices, vertices.copy(), quads.astype(np.int32))


def grow_knot(basis: BodyBasis, posed: np.ndarray, style: HairStyle) -> Patch:
    """A bun on the back of the head, or a ponytail that hangs from there."""
    scalp = np.unique(basis.faces["body"])
    target = HEAD_CENTRE + HEAD_RADIUS * (
        np.array([0, 0.8, 0.55]) if style.kind == "bun" else np.array([0, 0.93, 0.3])
    )
    anchor = scalp[np.argmin(np.linalg.norm(basis.template_m[scalp] - target, axis=1))]
    outward = vertex_normals(posed, basis.faces["body"])[anchor]
    if style.kind == "bun":
        height = np.linspace(-1, 1, 9)
        points = posed[anchor] + 0.022 * outward + 0.036 * np.outer(height, [0.0, 0.0, 1.0])
        return tube(points, 0.04 * np.sqrt(np.maximum(1 - height**2, 0.0)))
    along = np.linspace(0, 1, 9)
    away = outward * [1, 1, 0] / max(np.linalg.norm(outward[:2]), 1e-6)
    length = 0.16 + 0.5 * (0.6 - style.fall_z_m)
    path = (
        posed[anchor]
        + np.outer(0.03 + 0.055 * np.sqrt(along), away)
        - np.outer(length * along**1.3, [0, 0, 1.0])
    )
    return tube(path, 0.027 * np.sqrt(np.maximum(along * 3.2 * (1 - along) + 0.15 * (1 - along), 0.0)))


def grow_hair(basis: BodyBasis, posed: np.ndarray, style: HairStyle) -> tuple[list[Patch], list[Patch]]:
    """Patches that belong to the head box (caps, buns), and those that hang below it."""
    if style.kind == "bald":
        return [], []
    caps = [grow_cap(basis, posed, style)]
    if style.kind == "long":
        return caps, [grow_fall(basis, posed, style)]
    if style.kind == "bun":
        return [*caps, grow_knot(basis, posed, style)], []
    if style.kind == "ponytail":
        return caps, [grow_knot(basis, posed, style)]
    return caps, []


def build_hair(basis: BodyBasis, posed: np.ndarray, style: HairStyle, tone: np.ndarray) -> list[Piece]:
    caps, falls = grow_hair(basis, posed, style)
    color = np.array(style.color)
    pieces = []
    for k, patch in enumerate(caps + falls):
        tints = tint_cap(patch, style, tone) if k == 0 else np.ones(3)
        piece = Piece(
            patch, HAIR, Part.HAIR, color, tints=tints, weave=strands(patch.rest), in_head=k < len(caps)
        )
        pieces.append(piece)
    return pieces
