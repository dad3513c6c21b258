"""What people hold in their hands, built where their pose has put these: phones, cups, papers, boxes, laptops."""

from dataclasses import dataclass

import numpy as np

from blender_assets.people.figure import Figure
from blender_assets.people.head import grid_quads, slab
from blender_assets.people.holding import HeldThing, Hold
from blender_assets.people.mesh import surface
from blender_assets.people.parts import Part
from blender_assets.people.pieces import CLOTH, GLOSS, Piece
from blender_assets.people.posture import SIDES, Side, perpendicular, unit

UP = np.array([0.0, 0.0, 1.0])
AHEAD = np.array([0.0, -1.0, 0.0])
ACROSS = np.array([1.0, 0.0, 0.0])
PALM_M = 0.022  # from the middle of the hand to what lies in its palm
PHONE_M = (0.074, 0.152, 0.009)  # width, length, thickness
SHEET_M = (0.21, 0.297, 0.003)
LAPTOP_M = (0.33, 0.23, 0.016)
CLOTHES_M = 0.05  # by which loose clothes stand off the belly
CUP_RADIUS_M, CUP_HEIGHT_M = 0.041, 0.11
SCREEN_LEAN_DEG = (8.0, 30.0)  # from upright, away from who looks at it
DARK, PAPER = np.array([0.012, 0.012, 0.014]), np.array([0.72, 0.71, 0.68])
SCREEN = np.array([0.48, 0.53, 0.6])  # that is lit
CARDBOARD = np.array([0.36, 0.22, 0.11])


@dataclass(frozen=True)
class Hand:
    """Middle of the hand [3], and unit vectors along its fingers and out of its palm."""

    middle: np.ndarray
    along: np.ndarray
    palm: np.ndarray

    @property
    def grip(self) -> np.ndarray:
        """[3] where a thing in this hand lies."""
        return self.middle + PALM_M * self.palm + 0.02 * self.along


def find_hand(figure: Figure, side: Side) -> Hand:
    middle, tip, index, little = (
        _middle_of(figure, bone, side) for bone in ("metacarpal", "finger3", "finger2-1", "finger5-1")
    )
    along = unit(tip - middle)
    thumbwards = perpendicular(index - little, along)
    # With the fingers up and the thumb to the right, it is the right palm that one sees.
    palm = np.cross(thumbwards, along) if side == "R" else np.cross(along, thumbwards)
    return Hand(middle, along, palm)


def build_held(
    figure: Figure, hold: Hold | None, thing: HeldThing | None, rng: np.random.Generator
) -> list[Piece]:
    """Nothing where `thing` is None."""
    if hold is None or thing is None:
        return []
    if hold.place == "lap":
        return _laptop_on_lap(figure, rng)
    if hold.place.startswith("under the arm"):
        return [_under_arm(find_hand(figure, "L" if hold.place.endswith("L") else "R"), rng)]
    if hold.place == "both":
        return _between(figure, [find_hand(figure, side) for side in SIDES], thing, rng)
    return [_in_hand(find_hand(figure, "L" if hold.place == "L" else "R"), thing, rng)]


def _middle_of(figure: Figure, bone: str, side: Side) -> np.ndarray:
    """[3] mean of the skin that follows the bones whose names begin so."""
    basis = figure.basis
    bones = [k for k, name in enumerate(basis.bone_names) if name.startswith(bone) and name.endswith(side)]
    used = np.unique(basis.faces["body"])
    follows = basis.bone_weights[used][:, bones].sum(axis=1) > 0.5
    return figure.vertices[used[follows]].astype(float).mean(axis=0)


def _in_hand(hand: Hand, thing: HeldThing, rng: np.random.Generator) -> Piece:
    if thing == "cup":
        return _cup(hand.middle + (PALM_M + CUP_RADIUS_M) * perpendicular(hand.palm, UP), rng)
    across, is_lit = np.cross(hand.palm, hand.along), rng.random() < 0.5
    screen = SCREEN * rng.uniform(0.3, 1.2) if is_lit else DARK
    return _sheet(hand.grip, -across, hand.along, PHONE_M, screen)


def _between(figure: Figure, hands: list[Hand], thing: HeldThing, rng: np.random.Generator) -> list[Piece]:
    if thing == "box":
        return [_box(figure, hands, rng)]
    if thing != "papers":
        return [_in_hand(hands[0], thing, rng)]
    middle = np.mean([hand.grip for hand in hands], axis=0)
    eyes = figure.vertices[figure.basis.head_weight > 0.5].astype(float).mean(axis=0)
    facing = perpendicular(eyes - middle, ACROSS)
    away = np.cross(ACROSS, facing)
    away = away if away @ (middle - eyes) > 0 else -away
    return [_sheet(middle + 0.1 * SHEET_M[1] * away, ACROSS, away, SHEET_M, PAPER)]


def _box(figure: Figure, hands: list[Hand], rng: np.random.Generator) -> Piece:
    """Carried before the belly, as wide as the hands are apart and clear of the trunk."""
    middle = np.mean([hand.middle for hand in hands], axis=0)
    width = max(float(abs(hands[0].middle[0] - hands[1].middle[0])) - 0.03, 0.12)
    height = float(rng.uniform(0.12, 0.3))
    rear = _trunk_front(figure, middle[2]) - CLOTHES_M
    depth = float(np.clip(2 * (rear - middle[1]), 0.12, rng.uniform(0.2, 0.36)))
    centre = np.array([middle[0], min(middle[1], rear - depth / 2), middle[2] + height / 2 - 0.05])
    color = CARDBOARD if rng.random() < 0.6 else rng.uniform(0.02, 0.5, 3)
    vertices, quads = slab(
        _grid(centre + height / 2 * UP, ACROSS, AHEAD, (width, depth)), thickness_m=height, up=UP
    )
    return _piece(vertices, quads, CLOTH, color)


def _trunk_front(figure: Figure, height_m: float) -> float:
    """y of what of the trunk, arms left out, is foremost around a height."""
    trunk = figure.trunk[figure.basis.arm_weight[figure.trunk] < 0.1]
    points = figure.vertices[trunk]
    is_near = (np.abs(points[:, 2] - height_m) < 0.15) & (np.abs(points[:, 0]) < 0.2)
    return float(points[is_near, 1].min(initial=0.0))


def _under_arm(hand: Hand, rng: np.random.Generator) -> Piece:
    """A laptop upright between the arm and the trunk, its lower edge in the hand."""
    inward = -np.sign(hand.middle[0]) * ACROSS
    return _sheet(hand.middle + PALM_M * inward + 0.09 * UP, AHEAD, UP, LAPTOP_M, _shell(rng))


def _laptop_on_lap(figure: Figure, rng: np.random.Generator) -> list[Piece]:
    """Lying on both thighs, under the hands where these are not beyond the knees; its screen leans away."""
    width, depth, thick = LAPTOP_M
    hands = np.mean([find_hand(figure, side).middle for side in SIDES], axis=0)
    thighs = _thighs(figure)
    front = max(hands[1] - depth / 2, thighs[:, 1].min() + 0.03)
    low, high = (_top_at(thighs, y) for y in (front, front + depth))
    along = unit(np.array([0.0, -depth, low - high]))
    normal = np.cross(along, ACROSS)
    top = np.array([0.0, front + depth / 2, (low + high) / 2 + 0.01]) + thick * normal
    shell, lean = _shell(rng), np.radians(rng.uniform(*SCREEN_LEAN_DEG))
    rising = np.cos(lean) * UP + np.sin(lean) * AHEAD
    hinge = top + depth / 2 * along
    picture = hinge + depth / 2 * rising
    lit = SCREEN * rng.uniform(0.1, 1.3)
    return [
        _sheet(top, ACROSS, -along, LAPTOP_M, shell),
        _sheet(picture + 0.006 * along, ACROSS, rising, (width, depth, 0.006), shell),
        _sheet(picture, ACROSS, rising, (0.94 * width, 0.9 * depth, 0.004), lit),
    ]


def _thighs(figure: Figure) -> np.ndarray:
    """[n, 3] cloth of the upper legs."""
    basis, used = figure.basis, figure.trunk
    upper = [k for k, name in enumerate(basis.bone_names) if name.startswith("upperleg")]
    return figure.vertices[used[basis.bone_weights[used][:, upper].sum(axis=1) > 0.5]].astype(float)


def _top_at(thighs: np.ndarray, y_m: float) -> float:
    """z of the highest point at this depth, or nearest to it."""
    aside = np.abs(thighs[:, 1] - y_m)
    return float(thighs[aside <= max(0.03, aside.min()), 2].max())


def _cup(centre: np.ndarray, rng: np.random.Generator) -> Piece:
    """Upright, narrower below, closed by what is in it."""
    angles = 2 * np.pi * np.arange(12) / 12
    circle = np.stack([np.cos(angles), np.sin(angles), np.zeros(12)], axis=1)
    levels = ((0.0, -0.5), (0.8, -0.5), (1.0, 0.5), (0.9, 0.5), (0.88, 0.36), (0.0, 0.36))
    rings = [circle * CUP_RADIUS_M * r + centre + CUP_HEIGHT_M * z * UP for r, z in levels]
    quads = grid_quads(len(levels), 12, is_closed=True)
    color = PAPER if rng.random() < 0.6 else rng.uniform(0.02, 0.5, 3)
    colors = np.tile(color, (len(quads), 1))
    colors[-12:] = (0.03, 0.015, 0.008)  # coffee
    return _piece(np.concatenate(rings), quads, GLOSS, colors)


def _shell(rng: np.random.Generator) -> np.ndarray:
    return np.full(3, 0.45 if rng.random() < 0.5 else 0.02) * rng.uniform(0.7, 1.2)


def _grid(centre: np.ndarray, across: np.ndarray, along: np.ndarray, size: tuple[float, float]) -> np.ndarray:
    """The corners [2, 2, 3] of a rectangle."""
    x, y = np.meshgrid([-size[0] / 2, size[0] / 2], [-size[1] / 2, size[1] / 2])
    return centre + x[..., None] * across + y[..., None] * along


def _sheet(
    centre: np.ndarray,
    across: np.ndarray,
    along: np.ndarray,
    size_m: tuple[float, float, float],
    color: np.ndarray,
) -> Piece:
    """A slab whose upper side has its middle at `centre`."""
    normal = np.cross(across, along)
    vertices, quads = slab(_grid(centre, across, along, size_m[:2]), thickness_m=size_m[2], up=normal)
    return _piece(vertices, quads, GLOSS, color)


def _piece(vertices: np.ndarray, quads: np.ndarray, material: int, colors: np.ndarray) -> Piece:
    """Each face has vertices of its own, so that edges stay sharp under smooth shading."""
    corners = vertices[quads].reshape(-1, 3).astype(np.float32)
    patch = surface(corners, corners, np.arange(len(corners), dtype=np.int32).reshape(-1, 4))
    return Piece(patch, material, Part.HELD, colors)
