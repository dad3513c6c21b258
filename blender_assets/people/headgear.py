"""What is worn on the head: caps, beanies, headscarves, glasses and face masks."""

import numpy as np

from blender_assets.people.accessories import MASK_COLORS, Accessories
from blender_assets.people.figure import Figure
from blender_assets.people.garments import OUTSIDE
from blender_assets.people.head import HEAD_CENTRE, HEAD_RADIUS, HeadFrame, carry_patch, slab, tube
from blender_assets.people.mesh import Patch, close_border, cut_along, push_out, smooth, subdivide
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
    out = np.linspace(0, 1, 6)[:, None]
    reach = out * 0.072 * np.cos(angle) ** 0.6
    x = (HEAD_RADIUS[0] + 0.006) * np.sin(angle) * (1 + 0.1 * out)
    y = HEAD_CENTRE[1] - (HEAD_RADIUS[1] + 0.004) * np.cos(angle) - reach
    z = HEAD_CENTRE[2] + 0.056 - 0.012 * out - 0.03 * (1 - np.cos(angle)) * (0.3 + out)
    points = np.stack(np.broadcast_arrays(x, y, z), axis=-1)
    vertices, quads = slab(points, thickness_m=0.003, up=np.array([0.0, 0.0, 1.0]))
    return carry_patch(frame, vertices, quads)


def wrap_scarf(figure: Figure) -> Patch:
    """A headscarf: head, neck and the upper shoulders, but the face."""
    x, y, z = figure.basis.template_m.T
    face = np.hypot(x / 0.062, (z - 0.7) / 0.092) - 1
    open_face = np.where(y < -0.06, 0.07 * face, 1.0)
    low = z - 0.53 - 0.25 * np.clip(np.abs(x) - 0.08, 0, 1)
    field = np.where(figure.basis.arm_weight > 0.3, OUTSIDE, np.minimum(open_face, low))
    return cover_head(figure, field, offset_m=0.016, rounds=8)


def build_headwear(figure: Figure, frame: HeadFrame, worn: Accessories) -> list[Piece]:
    if worn.headwear == "none":
        return []
    if worn.headwear == "cap":
        patches = [knit_crown(figure, front=0.5, back=-0.05, offset_m=0.012), cap_brim(frame)]
    elif worn.headwear == "beanie":
        patches = [
            knit_crown(figure, front=0.4, back=-0.25, offset_m=0.015),
            knit_cuff(figure),
        ]
    else:
        patches = [wrap_scarf(figure)]
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


def build_mask(figure: Figure, worn: Accessories) -> list[Piece]:
    """A face mask from the nose down to below the chin."""
    if worn.mask < 0:
        return []
    x, y, z = figure.basis.template_m.T
    width = 0.062 - 0.25 * np.clip(0.64 - z, 0, 0.1)
    field = np.minimum(np.minimum(width - np.abs(x), z - 0.607), 0.695 - 0.25 * np.abs(x) - z)
    field = np.where((figure.basis.head_weight > 0.3) & (y < -0.045), field, OUTSIDE)
    patch = cover_head(figure, field, offset_m=0.008, rounds=6)
    return [Piece(patch, CLOTH, Part.FACE_MASK, MASK_COLORS[worn.mask], weave=patch.rest, in_head=True)]
