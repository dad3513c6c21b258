"""Hair: a cap over the scalp with a drawn hairline, what hangs from it, and beards."""

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from blender_assets.people.body import BodyBasis
from blender_assets.people.colors import draw_hair_color
from blender_assets.people.fabrics import as_color
from blender_assets.people.figure import Figure
from blender_assets.people.garments import fold_noise
from blender_assets.people.head import HEAD_CENTRE, HEAD_RADIUS, HeadFrame, carry_patch, hang, tube
from blender_assets.people.mesh import Patch, close_border, cut_along, push_out, smooth, subdivide, surface
from blender_assets.people.parts import Part
from blender_assets.people.phenotypes import PeopleSettings
from blender_assets.people.pieces import HAIR, Piece

HairKind = Literal["bald", "fringe", "short", "medium", "bob", "long", "bun", "ponytail"]
# Height of the hairline (in head radii above the centre) from forehead -1 to nape +1.
HAIRLINE_DEPTH = (-1.0, -0.7, -0.35, 0.0, 0.3, 0.6, 1.0)
HAIRLINE_LEVEL = (0.55, 0.52, 0.32, 0.28, -0.15, -0.5, -0.62)
STYLES_MALE: dict[HairKind, float] = {
    "bald": 0.08, "fringe": 0.07, "short": 0.47, "medium": 0.3, "bob": 0.02, "long": 0.03, "bun": 0.02,
    "ponytail": 0.01,
}  # fmt: skip
STYLES_FEMALE: dict[HairKind, float] = {
    "short": 0.08, "medium": 0.17, "bob": 0.17, "long": 0.28, "bun": 0.13, "ponytail": 0.17,
}  # fmt: skip
THICKNESS_M: dict[HairKind, float] = {
    "bald": 0.0, "fringe": 0.005, "short": 0.01, "medium": 0.024, "bob": 0.02, "long": 0.018, "bun": 0.01,
    "ponytail": 0.01,
}  # fmt: skip
SHEET_ROWS, SHEET_COLUMNS = 22, 33
# points of a brow from the nose outward on the template, and its radii
BROW_X_M = np.array([0.013, 0.022, 0.031, 0.041, 0.05])
BROW_Z_M = np.array([0.7475, 0.7505, 0.752, 0.7505, 0.7455])
BROW_RADII_M = np.array([0.0026, 0.004, 0.0038, 0.003, 0.0012])
BROW_NEIGHBOURS = 3
TUFTS = 0.5  # share of the thickness by which tufts of a centimetre or two stand out


@dataclass(frozen=True)
class HairStyle:
    kind: HairKind
    color: tuple[float, float, float]
    thickness_m: float
    recession: float  # raises the front hairline, in head radii
    fall_z_m: float  # template height where hanging hair ends
    parting: float  # -1 right .. 1 left, where hanging hair parts
    stubble: float  # 0 none .. 1 dense
    beard_m: float  # thickness of a grown beard, 0 none
    seed: int

    def as_parameters(self) -> dict[str, Any]:
        return asdict(self)


def draw_beard(rng: np.random.Generator, is_grown_man: bool) -> tuple[float, float]:
    """Stubble 0..1 and thickness in metres."""
    kind = rng.random()
    if not is_grown_man or kind < 0.5:
        return 0.0, 0.0
    if kind < 0.75:
        return float(rng.uniform(0.2, 0.8)), 0.0
    return 0.9, float(rng.uniform(0.004, 0.02))


def draw_hair(
    rng: np.random.Generator, is_female: bool, melanin: float, *, is_child: bool, settings: PeopleSettings
) -> HairStyle:
    styles = STYLES_FEMALE if is_female else STYLES_MALE
    kind = list(styles)[int(rng.choice(len(styles), p=list(styles.values())))]
    kind = "short" if is_child and kind in ("bald", "fringe") else kind
    stubble, beard_m = draw_beard(rng, not is_female and not is_child)
    return HairStyle(
        kind=kind,
        color=as_color(draw_hair_color(rng, melanin, settings=settings)),
        thickness_m=THICKNESS_M[kind] * float(rng.uniform(0.6, 1.5)),
        recession=0.0 if is_female or is_child else float(rng.uniform(0.0, 0.25)),
        fall_z_m=float(rng.uniform(0.59, 0.64) if kind == "bob" else rng.uniform(0.4, 0.57)),
        parting=float(rng.uniform(-0.6, 0.6)),
        stubble=stubble,
        beard_m=beard_m,
        seed=int(rng.integers(2**31)),
    )


def head_place(rest: np.ndarray) -> np.ndarray:
    """Template positions [n, 3] in head radii from the head's centre."""
    return (rest - HEAD_CENTRE) / HEAD_RADIUS


def hairline_level(place: np.ndarray, style: HairStyle) -> np.ndarray:
    """Height [n] of the hairline in head radii, receding and uneven, at places [n, 3]."""
    level = np.interp(place[:, 1], HAIRLINE_DEPTH, HAIRLINE_LEVEL)
    level = level + style.recession * np.clip(-place[:, 1], 0, 1)
    level = level + (0.12 + 0.8 * style.recession) * np.clip(-place[:, 1] - 0.2, 0, 1) * place[:, 0] ** 2
    level = level + 0.06 * fold_noise(place * 0.35, seed=style.seed + 2)
    return level + 0.05 * fold_noise(place, seed=style.seed + 5)


def scalp_field(basis: BodyBasis, style: HairStyle) -> np.ndarray:
    """Distance [V] in template metres above the hairline; negative off the scalp."""
    head = np.flatnonzero(basis.head_weight > 0.5)
    place = head_place(basis.template_m[head])
    above = (place[:, 2] - hairline_level(place, style)) * HEAD_RADIUS[2]
    if style.kind == "fringe":
        above = np.minimum(above, (0.45 - place[:, 2]) * HEAD_RADIUS[2])
        above = np.minimum(above, (place[:, 1] + 0.35) * HEAD_RADIUS[1])
    field = np.full(len(basis.template_m), -0.2)
    field[head] = above
    return field


def strands(rest: np.ndarray) -> np.ndarray:
    """Metres (around, along, 0) [n, 3]: strands run from the crown down; around mirrors at the middle."""
    place = rest - HEAD_CENTRE - np.array([0.0, 0.03, 0.0])
    around = 0.1 * np.abs(np.arctan2(place[:, 0], -place[:, 1]))
    return np.stack([around, place[:, 2], np.zeros(len(rest))], axis=1)


def tint_cap(rest: np.ndarray, style: HairStyle, tone: np.ndarray) -> np.ndarray:
    """Factors [v, 3] on the hair's colour: the skin's tone shines through at the hairline."""
    place = head_place(rest)
    rise = np.clip((place[:, 2] - hairline_level(place, style)) / 0.3, 0, 1)
    thin = 0.45 * fold_noise(strands(rest) * [6.0, 0.4, 0.0], seed=style.seed + 4)
    density = np.clip(0.15 + 3.0 * rise + thin * (1 - rise), 0, 1)[:, None]
    return density + (1 - density) * tone / np.array(style.color)


def grow_cap(figure: Figure, style: HairStyle, *, is_pressed: bool) -> Patch:
    """The hair on the skull: thin at the hairline, thick on top, in clumps; pressed flat below a hat."""
    patch = cut_along(figure.patch("body"), scalp_field(figure.basis, style))
    fine = subdivide(patch)
    place = head_place(fine.rest)
    rise = np.clip((place[:, 2] - hairline_level(place, style)) / 0.8, 0, 1) ** 0.8
    if style.kind == "fringe":
        rise = np.full(len(rise), 0.6)
    clumps = 1 + 0.3 * fold_noise(fine.rest * 2.2, seed=style.seed)
    clumps += 0.22 * fold_noise(strands(fine.rest) * [5.0, 0.7, 0.0], seed=style.seed + 3)
    clumps += TUFTS * fold_noise(fine.rest * 9.0, seed=style.seed + 10)
    thickness_m = 0.001 if is_pressed else style.thickness_m
    grown = smooth(push_out(fine, 0.0012 + thickness_m * rise * clumps), rounds=1)
    return close_border(grown, depth_m=0.006)


def hang_sheet(figure: Figure, frame: HeadFrame, style: HairStyle) -> Patch:
    """Hair that falls from the skull around face and neck: it hangs plumb, and body and clothes hold it out."""
    angle = np.linspace(-1.0, 1.0, SHEET_COLUMNS)
    open_deg = 74.0 + 12.0 * fold_noise(np.stack([angle, angle, angle], axis=1) * 0.05, seed=style.seed + 6)
    azimuth = np.radians(angle * (180.0 - open_deg))  # 0 is the back of the head
    down = np.linspace(0, 1, SHEET_ROWS)[:, None]
    top_z_m = HEAD_CENTRE[2] + 0.07
    length_m = (top_z_m - style.fall_z_m) * (
        1 + 0.08 * fold_noise(np.stack([azimuth, azimuth, azimuth], axis=1) * 0.3, seed=style.seed + 7)
    )
    z = top_z_m - length_m * down
    above = np.clip((z - HEAD_CENTRE[2]) / HEAD_RADIUS[2], 0, 1)
    # it leaves the cap from within, swells to its thickness, and lies closer at its front edges
    waves = 0.006 * np.sin(9.0 * azimuth + style.seed % 7) * down
    swell = style.thickness_m * np.clip(down / 0.15, 0, 1) + 0.012 * np.sin(np.pi * np.clip(down * 1.2, 0, 1))
    swell = (swell + waves) * (1 - 0.7 * np.abs(angle) ** 4)
    out = np.stack([np.sin(azimuth), np.cos(azimuth)], axis=-1)
    radius = HEAD_RADIUS[:2] * 0.97 * np.sqrt(1 - above**2)[..., None] + swell[..., None]
    ring = HEAD_CENTRE[:2] + [0.0, 0.005] + radius * out
    points = np.concatenate([ring, z[..., None]], axis=-1)
    return close_border(hang(figure, frame, points, gap_m=0.018), depth_m=0.012)


def grow_knot(frame: HeadFrame, style: HairStyle) -> Patch:
    """A bun on the back of the head, or a ponytail that hangs from there."""
    if style.kind == "bun":
        height = np.linspace(-1, 1, 9)
        centre = HEAD_CENTRE + HEAD_RADIUS * [0.0, 0.85, 0.62] + np.array([0.0, 0.012, 0.012])
        path = centre + 0.034 * np.outer(height, [0.0, 0.6, 0.8])
        vertices, quads = tube(
            path, 0.036 * np.sqrt(np.maximum(1 - height**2, 0.0)), side=np.array([1.0, 0, 0]), sides=12
        )
        return carry_patch(frame, vertices, quads)
    along = np.linspace(0, 1, 12)
    root = HEAD_CENTRE + HEAD_RADIUS * [0.0, 0.9, 0.35]
    length_m = 0.14 + 0.6 * (0.57 - style.fall_z_m)
    away = 0.01 + 0.05 * np.sqrt(along)
    path = root + np.outer(away, [0.0, 1.0, 0.0]) - np.outer(length_m * along**1.3, [0.0, 0.0, 1.0])
    radii = 0.024 * np.sqrt(np.maximum(along * 3.2 * (1 - along) + 0.25 * (1 - along), 0.0))
    vertices, quads = tube(path, radii, side=np.array([1.0, 0, 0]), sides=10)
    return carry_patch(frame, vertices, quads)


def beard_area(rest: np.ndarray) -> np.ndarray:
    """0..1 [v]: jaw, chin and upper lip, but not the lips."""
    x, y, z = np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]
    line = 0.672 + 0.3 * np.clip(x - 0.045, 0, 0.05)  # climbs towards the ears
    jaw = np.clip((line - z) / 0.008, 0, 1) * np.clip((-0.05 - y) / 0.015, 0, 1)
    moustache = band(z, 0.669, 0.677, 0.003) * band(x, -1.0, 0.026, 0.006) * (y < -0.12)
    lips = band(z, 0.652, 0.668, 0.003) * band(x, -1.0, 0.022, 0.004) * (y < -0.12)
    above_neck = np.clip((z - 0.605) / 0.01, 0, 1)
    return np.clip(np.maximum(jaw, moustache) - lips, 0, 1) * above_neck


def band(values: np.ndarray, low: float, high: float, soft: float) -> np.ndarray:
    """1 between low and high, falling to 0 over `soft` on either side."""
    return np.clip((values - low) / soft + 1, 0, 1) * np.clip((high - values) / soft + 1, 0, 1)


def grow_beard(figure: Figure, style: HairStyle) -> Patch:
    field = np.where(figure.basis.head_weight > 0.5, beard_area(figure.basis.template_m) - 0.5, -1.0)
    patch = cut_along(figure.patch("body"), field)
    clumps = 1 + 0.35 * fold_noise(patch.rest * 4.0, seed=style.seed + 8)
    chin = 0.5 + np.exp(-((patch.rest[:, 0] / 0.035) ** 2)) * (patch.rest[:, 2] < 0.655)
    return close_border(smooth(push_out(patch, style.beard_m * clumps * chin), rounds=1), depth_m=0.004)


def hair_piece(patch: Patch, style: HairStyle, *, tints: np.ndarray | None = None, in_head: bool) -> Piece:
    return Piece(
        patch,
        HAIR,
        Part.HAIR,
        np.array(style.color),
        tints=np.ones(3) if tints is None else tints,
        weave=strands(patch.rest),
        in_head=in_head,
    )


def build_hair(
    figure: Figure,
    frame: HeadFrame,
    style: HairStyle,
    *,
    tone: np.ndarray,
    is_pressed: bool,
) -> list[Piece]:
    """All hair; cap and bun belong to the head, what hangs down does not."""
    pieces = []
    if style.kind != "bald":
        cap = grow_cap(figure, style, is_pressed=is_pressed)
        pieces.append(hair_piece(cap, style, tints=tint_cap(cap.rest, style, tone), in_head=True))
    if style.kind in ("bob", "long"):
        pieces.append(hair_piece(hang_sheet(figure, frame, style), style, in_head=False))
    if style.kind in ("bun", "ponytail") and not (is_pressed and style.kind == "bun"):
        pieces.append(hair_piece(grow_knot(frame, style), style, in_head=style.kind == "bun"))
    return pieces


def build_beard(figure: Figure, style: HairStyle) -> list[Piece]:
    if style.beard_m == 0:
        return []
    patch = grow_beard(figure, style)
    piece = hair_piece(patch, style, in_head=True)
    return [replace(piece, parts=Part.FACE, weave=patch.rest)]


def grow_brows(figure: Figure) -> list[Patch]:
    """A tapered strip over each eye, on the skin."""
    body = np.unique(figure.basis.faces["body"])
    face = body[(figure.basis.head_weight[body] > 0.5) & (figure.basis.template_m[body, 1] < -0.08)]
    patches = []
    for sign in (-1, 1):
        path = np.stack([sign * BROW_X_M, np.full(len(BROW_X_M), -0.14), BROW_Z_M], axis=1)
        gaps = np.linalg.norm(
            (figure.basis.template_m[face][None] - path[:, None]) * [1.0, 0.3, 1.0], axis=-1
        )
        near = face[np.argsort(gaps, axis=1)[:, :BROW_NEIGHBOURS]]
        closeness = 1 / (np.sort(gaps, axis=1)[:, :BROW_NEIGHBOURS, None] + 0.002)
        spots = (figure.vertices[near] * closeness).sum(axis=1) / closeness.sum(axis=1)
        vertices, quads = tube(spots, BROW_RADII_M, side=figure.body.normals[near[2, 0]], sides=6)
        patches.append(
            surface(vertices.astype(np.float32), vertices.astype(np.float32), quads.astype(np.int32))
        )
    return patches


def build_brows(figure: Figure, style: HairStyle) -> list[Piece]:
    """Brows of everyone, also of the bald."""
    color = 0.8 * np.array(style.color)
    return [
        Piece(patch, HAIR, Part.FACE, color, weave=patch.rest, in_head=True) for patch in grow_brows(figure)
    ]
