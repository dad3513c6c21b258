"""What is worn on the head: caps, beanies, headscarves, glasses and face masks."""

import numpy as np

from blender_assets.people.accessories import MASK_COLORS, Accessories
from blender_assets.people.figure import Figure
from blender_assets.people.garments import OUTSIDE
from blender_assets.people.head import (
    HEAD_CENTRE,
    HEAD_RADIUS,
    HeadFrame,
    carry_patch,
    grid_quads,
    hang,
    slab,
    tube,
)
from blender_assets.people.mesh import (
    Patch,
    close_border,
    cut_along,
    push_out,
    smooth,
    subdivide,
    surface,
    wrap_around,
)
from blender_assets.people.parts import Part
from blender_assets.people.pieces import CLOTH, GLOSS, Piece

EYE_X_M, EYE_Z_M = 0.031, 0.7285  # on the template
GLASSES_Y_M, TEMPLE_X_M, EAR_Y_M = -0.152, 0.07, -0.03
LENS_COLOR = np.array([0.01, 0.01, 0.012])


def cover_head(figure: Figure, field: np.ndarray, *, offset_m: float, rounds: int) -> Patch:
    """The part of head and neck where the field is positive, pushed out and smoothed."""
    patch = cut_along(figure.patch("body"), field)
    even = smooth(push_out(patch, np.full(len(patch.vertices), offset_m)), rounds=rounds)
    return close_border(smooth(subdivide(even), rounds=1), depth_m=offset_m + 0.004)


def knit_crown(figure: Figure, *, front: float, back: float, offset_m: float) -> Patch:
    """A hat's crown: all of the head above a line that runs from `front` to `back` (head radii)."""
    place = (figure.basis.template_m - HEAD_CENTRE) / HEAD_RADIUS
    line = np.interp(place[:, 1], [-1.0, 1.0], [front, back])
    field = np.where(figure.basis.head_weight > 0.5, (place[:, 2] - line) * HEAD_RADIUS[2], OUTSIDE)
    return cover_head(figure, field, offset_m=offset_m, rounds=2)


def knit_cuff(figure: Figure) -> Patch:
    place = (figure.basis.template_m - HEAD_CENTRE) / HEAD_RADIUS
    line = np.interp(place[:, 1], [-1.0, 1.0], [0.4, -0.25])
    above = (place[:, 2] - line) * HEAD_RADIUS[2]
    field = np.where(figure.basis.head_weight > 0.5, np.minimum(above, 0.04 - above), OUTSIDE)
    return cover_head(figure, field, offset_m=0.02, rounds=1)


def cap_brim(frame: HeadFrame) -> Patch:
    """A curved sheet in front of the forehead, drooping at its sides."""
    angle = np.radians(np.linspace(-62, 62, 15))[None]
    out = np.linspace(-0.25, 1, 7)[:, None]
    reach = out * 0.072 * np.cos(angle) ** 0.6
    x = (HEAD_RADIUS[0] + 0.006) * np.sin(angle) * (1 + 0.1 * out)
    y = HEAD_CENTRE[1] - (HEAD_RADIUS[1] + 0.004) * np.cos(angle) - reach
    z = HEAD_CENTRE[2] + 0.06 - 0.012 * out - 0.03 * (1 - np.cos(angle)) * (0.3 + np.maximum(out, 0))
    points = np.stack(np.broadcast_arrays(x, y, z), axis=-1)
    vertices, quads = slab(points, thickness_m=0.003, up=np.array([0.0, 0.0, 1.0]))
    return carry_patch(frame, vertices, quads)


def wrap_scarf(figure: Figure, frame: HeadFrame) -> Patch:
    """A headscarf around the head, open at the face, closed below the chin, down to the shoulders."""
    reach_m = HEAD_RADIUS[2] + 0.014
    dome = HEAD_CENTRE[2] + reach_m * np.sin(np.radians(np.linspace(86, 0, 10)))
    z = np.concatenate([dome, np.linspace(HEAD_CENTRE[2], 0.535, 21)[1:]])[:, None]
    open_deg = np.interp(z, [0.6, 0.64, 0.7, 0.76, 0.79, 0.805], [-8.0, 28.0, 40.0, 36.0, 26.0, -4.0])
    azimuth = np.linspace(-1, 1, 33)[None] * np.radians(180.0 - open_deg)
    above = np.clip((z - HEAD_CENTRE[2]) / reach_m, 0, 1)
    radius = np.interp(z, [0.535, 0.57, 0.6, 0.63, 0.68], [0.125, 0.1, 0.09, 0.095, 0.101])
    radius = radius * np.sqrt(1 - above**2)
    folds = 1 + 0.04 * np.sin(7 * azimuth + 40 * z) * np.clip((0.66 - z) / 0.05, 0, 1)
    x = radius * folds * np.sin(azimuth)
    y = np.interp(z, [0.54, 0.6, 0.68], [-0.015, -0.045, -0.058]) + 1.12 * radius * folds * np.cos(azimuth)
    points = np.stack(np.broadcast_arrays(x, y, z), axis=-1)
    return close_border(hang(figure, frame, points, gap_m=0.012), depth_m=0.008)


def hang_mask(figure: Figure, frame: HeadFrame) -> Patch:
    """A sheet from the bridge of the nose to below the chin, around to the cheeks."""
    z = np.linspace(0.698, 0.608, 14)[:, None]
    angle = np.linspace(1.25, -1.25, 17)[None]
    front = np.interp(z, [0.608, 0.625, 0.65, 0.684, 0.698], [-0.13, -0.157, -0.168, -0.17, -0.15])
    x = np.interp(z, [0.608, 0.65, 0.7], [0.045, 0.064, 0.072]) * np.sin(angle)
    y = -0.075 + (front + 0.075) * np.cos(angle) ** 0.8
    lower = z - 0.012 * (1 - np.cos(angle)) * (z > 0.66)
    points = np.stack(np.broadcast_arrays(x, y, lower), axis=-1)
    vertices = frame.carry(points.reshape(-1, 3))
    quads = grid_quads(*points.shape[:2]).astype(np.int32)
    sheet = surface(vertices, points.reshape(-1, 3).astype(np.float32), quads)
    face = np.flatnonzero((figure.basis.head_weight > 0.5) & (figure.basis.template_m[:, 1] < -0.06))
    face = np.intersect1d(face, figure.basis.faces["body"])
    face = face[np.abs(figure.basis.template_m[face, 2] - 0.655) < 0.07]
    clear = wrap_around(sheet, figure.vertices[face], gap_m=0.003, reach_m=0.04)
    clear = wrap_around(smooth(clear, rounds=1), figure.vertices[face], gap_m=0.002, reach_m=0.04)
    return close_border(clear, depth_m=0.004)


def build_headwear(figure: Figure, frame: HeadFrame, worn: Accessories) -> list[Piece]:
    if worn.headwear == "none":
        return []
    if worn.headwear == "cap":
        patches = [knit_crown(figure, front=0.44, back=-0.05, offset_m=0.012), cap_brim(frame)]
    elif worn.headwear == "beanie":
        patches = [
            knit_crown(figure, front=0.4, back=-0.25, offset_m=0.015),
            knit_cuff(figure),
        ]
    else:
        patches = [wrap_scarf(figure, frame)]
    color = np.array(worn.headwear_color)
    return [
        Piece(
            patch,
            CLOTH,
            Part.HAT,
            color,
            weave=patch.rest,
            in_head=patch.rest[:, 2] > 0.6,
        )
        for patch in patches
    ]


def lens_outline(sign: int, is_round: bool) -> np.ndarray:
    """Closed path [n, 3] around an eye in template space."""
    angle = np.linspace(0, 2 * np.pi, 17)
    power = 1.0 if is_round else 0.6
    x = 0.024 * np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** power
    z = (0.022 if is_round else 0.017) * np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** power
    centre_x = sign * (EYE_X_M + 0.002)
    return np.stack([centre_x + x, GLASSES_Y_M + 0.35 * np.abs(x + 0.01 * sign), EYE_Z_M - 0.002 + z], axis=1)


def glasses_paths(worn: Accessories) -> list[np.ndarray]:
    bridge = np.array(
        [[-0.009, GLASSES_Y_M, 0.731], [0.0, GLASSES_Y_M - 0.004, 0.734], [0.009, GLASSES_Y_M, 0.731]]
    )
    temples = [
        np.array(
            [
                [sign * 0.055, GLASSES_Y_M + 0.01, 0.732],
                [sign * TEMPLE_X_M, GLASSES_Y_M + 0.022, 0.732],
                [sign * (TEMPLE_X_M + 0.007), EAR_Y_M - 0.02, 0.732],
                [sign * (TEMPLE_X_M + 0.007), EAR_Y_M, 0.722],
            ]
        )
        for sign in (-1, 1)
    ]
    return [bridge, *temples, *(lens_outline(sign, worn.has_round_lenses) for sign in (-1, 1))]


def build_glasses(frame: HeadFrame, worn: Accessories) -> list[Piece]:
    """Frames as thin tubes; only dark lenses are solid."""
    if not worn.has_glasses:
        return []
    pieces = []
    for path in glasses_paths(worn):
        side = np.array([0.13, 1.0, 0.37]) if np.ptp(path[:, 1]) < 0.03 else np.array([0.13, 0.1, 1.0])
        vertices, quads = tube(path, np.full(len(path), 0.0014), side=side, sides=5)
        patch = carry_patch(frame, vertices, quads)
        pieces.append(Piece(patch, GLOSS, Part.GLASSES, np.array(worn.frame_color), in_head=True))
    if worn.has_dark_lenses:
        for sign in (-1, 1):
            ring = lens_outline(sign, worn.has_round_lenses)
            middle = np.broadcast_to(ring.mean(axis=0), ring.shape)
            vertices, quads = slab(np.stack([middle, ring]), thickness_m=0.001, up=np.array([0.0, -1.0, 0.0]))
            patch = carry_patch(frame, vertices, quads)
            pieces.append(Piece(patch, GLOSS, Part.GLASSES, LENS_COLOR, in_head=True))
    return pieces


def build_mask(figure: Figure, frame: HeadFrame, worn: Accessories) -> list[Piece]:
    """A face mask from the nose down to below the chin."""
    if worn.mask < 0:
        return []
    patch = hang_mask(figure, frame)
    return [Piece(patch, CLOTH, Part.FACE_MASK, MASK_COLORS[worn.mask], weave=patch.rest, in_head=True)]
