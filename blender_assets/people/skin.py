"""Skin and eyes: which part of the body stays bare, and how its colour varies."""

import numpy as np

from blender_assets.people.figure import Figure
from blender_assets.people.garments import Cut, bare_skin, fold_noise, tuck_skin
from blender_assets.people.hair import HairStyle, band, beard_area
from blender_assets.people.mesh import compact, surface
from blender_assets.people.parts import Part, skin_parts
from blender_assets.people.phenotypes import Body
from blender_assets.people.pieces import GLOSS, SKIN, Piece
from blender_assets.people.wardrobe import Outfit

EYE_WHITE = (0.42, 0.39, 0.37)
EYE_CENTRE, IRIS_RADIUS_M, PUPIL_RADIUS_M = (0.031, 0.7285), 0.0075, 0.003
IRIS_COLORS = np.array([[0.03, 0.016, 0.008], [0.06, 0.035, 0.015], [0.06, 0.075, 0.05], [0.06, 0.1, 0.16]])


def blend(tints: np.ndarray, share: np.ndarray, tint: np.ndarray) -> np.ndarray:
    return tints + share[:, None] * (tint - tints)


def tint_skin(rest: np.ndarray, is_head: np.ndarray, tone: np.ndarray, style: HairStyle) -> np.ndarray:
    """Factors [v, 3] on the tone: cheeks, nose, ears and knuckles redder, lips, stubble, mottling."""
    x, y, z = np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]
    flush = np.array([1.1, 0.86, 0.84])
    cheeks = is_head * np.exp(-(((x - 0.042) / 0.022) ** 2) - ((z - 0.69) / 0.02) ** 2) * (y < -0.08)
    nose = is_head * np.exp(-((x / 0.016) ** 2) - ((z - 0.683) / 0.012) ** 2) * (y < -0.13)
    ears = is_head * np.clip((x - 0.074) / 0.008, 0, 1) * (np.abs(y + 0.04) < 0.04)
    mottled = 1 + 0.05 * fold_noise(rest * 2.0, seed=style.seed + 9)
    tints = np.ones((len(rest), 3)) * mottled[:, None]
    tints = blend(tints, np.clip(0.8 * cheeks + 0.6 * nose + 0.5 * ears, 0, 1), flush)
    hair = np.array(style.color) / tone
    tints = blend(tints, style.stubble * beard_area(rest) * is_head, 0.5 + 0.5 * hair)
    sockets = is_head * np.exp(-(((x - 0.031) / 0.02) ** 2) - ((z - 0.728) / 0.012) ** 2) * (y < -0.09)
    tints = blend(tints, 0.35 * sockets, np.array([0.8, 0.7, 0.72]))
    lips = is_head * (y < -0.135) * band(z, 0.6535, 0.6685, 0.002) * band(x, -1.0, 0.021, 0.005)
    tints = blend(tints, lips, np.array([0.84, 0.52, 0.54]))
    return tints


def build_skin(
    figure: Figure, cut: Cut, outfit: Outfit, *, body: Body, style: HairStyle, tone: np.ndarray
) -> Piece:
    basis, quads = figure.basis, bare_skin(figure, cut, outfit)
    patch, used = compact(surface(tuck_skin(figure, cut, outfit), basis.template_m, quads))
    return Piece(
        patch,
        SKIN,
        skin_parts(basis, quads),
        tone,
        finishes=np.array([body.skin_oil, body.skin_bump, 0.0]),
        tints=tint_skin(patch.rest, basis.head_weight[used] > 0.5, tone, style),
        in_head=basis.head_weight[used] > 0.5,
    )


def build_eyes(figure: Figure, *, iris: int) -> list[Piece]:
    """`iris` is a row of IRIS_COLORS."""
    pieces = []
    for side, sign in (("eye_left", 1), ("eye_right", -1)):
        patch, _ = compact(figure.patch(side))
        centre = patch.rest[patch.quads].mean(axis=1)
        distance = np.hypot(centre[:, 0] - sign * EYE_CENTRE[0], centre[:, 2] - EYE_CENTRE[1])
        colors = np.where((distance < IRIS_RADIUS_M)[:, None], IRIS_COLORS[iris], EYE_WHITE)
        colors[distance < PUPIL_RADIUS_M] = 0.004
        pieces.append(Piece(patch, GLOSS, Part.FACE, colors, in_head=True))
    return pieces
