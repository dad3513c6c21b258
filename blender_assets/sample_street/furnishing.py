"""What stands on pavements: lamps, traffic lights, signs, bollards and bins, each at the origin, facing -y."""

from typing import Literal

import numpy as np

from blender_assets.sample_street.classes import StreetClass
from blender_assets.sample_street.solids import Solid, boxes, ring, solid, tube

LAMP_HEIGHT_M, LAMP_ARM_M = 6.5, 1.7
Built = list[tuple[StreetClass, Solid]]
SignKind = Literal["speed", "warning", "parking", "priority", "stop", "no_entry"]
Signal = Literal["red", "green"]
_GREY = (0.13, 0.14, 0.14)
_RED, _WHITE, _BLUE = (0.5, 0.02, 0.02), (0.7, 0.7, 0.68), (0.02, 0.09, 0.42)
_YELLOW, _BLACK = (0.7, 0.48, 0.02), (0.015, 0.015, 0.015)


def build_lamp() -> Built:
    """A post whose arm reaches to +x, over the road; the head shines down."""
    top = LAMP_HEIGHT_M
    head = boxes(
        (LAMP_ARM_M - 0.4, -0.13, top - 0.02), (LAMP_ARM_M + 0.4, 0.13, top + 0.12), (0.2, 0.2, 0.2), "metal"
    )
    light = boxes(
        (LAMP_ARM_M - 0.34, -0.1, top - 0.06),
        (LAMP_ARM_M + 0.34, 0.1, top - 0.02),
        (0.5, 0.5, 0.48),
        "lamp",
        (1, 0.72, 0.4),
    )
    post = tube((0, 0, 0), (0, 0, top - 0.5), (0.1, 0.06), _GREY, "metal")
    arm = tube((0, 0, top - 0.5), (LAMP_ARM_M - 0.3, 0, top + 0.03), 0.045, _GREY, "metal")
    return [(StreetClass.POLE, each) for each in (post, arm, head, light)]


def build_traffic_light(shown: Signal) -> Built:
    """A post with a head of three lights beside it, and one on an arm to -x over the lane."""
    post = tube((0, 0, 0), (0, 0, 5.6), (0.09, 0.07), _GREY, "metal")
    arm = tube((0, 0, 5.5), (-3.4, 0, 5.7), (0.06, 0.05), _GREY, "metal")
    heads = [*_signal_head(0.0, 2.6, shown), *_signal_head(-3.3, 5.1, shown)]
    return [
        (StreetClass.POLE, post),
        (StreetClass.POLE, arm),
        *((StreetClass.TRAFFIC_LIGHT, each) for each in heads),
    ]


def _signal_head(x: float, z: float, shown: Signal) -> list[Solid]:
    """1 m high, bottom at z; red is on top."""
    case = boxes((x - 0.17, -0.28, z), (x + 0.17, -0.06, z + 1.0), _BLACK, "paint")
    board = boxes((x - 0.25, -0.06, z - 0.08), (x + 0.25, -0.03, z + 1.08), (0.03, 0.03, 0.03), "paint")
    lights = []
    for k, (name, color) in enumerate(
        (("green", (0.05, 0.9, 0.35)), ("yellow", (1, 0.6, 0.05)), ("red", (1, 0.06, 0.03)))
    ):
        is_on = name == shown
        low, high = z + 0.06 + 0.31 * k, z + 0.06 + 0.31 * k + 0.25
        dark = np.array(color) * (0.6 if is_on else 0.06)
        glow = np.array(color) if is_on else np.zeros(3)
        lights.append(boxes((x - 0.125, -0.31, low), (x + 0.125, -0.27, high), dark, "signal", glow))
    return [case, board, *lights]


def _plate(
    corners: int, radius_m: float, z: float, color: object, y: float, *, turn_rad: float = 0.0
) -> Solid:
    """A flat regular polygon that faces -y."""
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False) + turn_rad
    rim = np.stack([radius_m * np.sin(angle), np.full(corners, y), z + radius_m * np.cos(angle)], axis=1)
    vertices = np.concatenate([rim, [[0.0, y, z]]])
    k = np.arange(corners)
    quads = np.stack([k, (k + 1) % corners, np.full(corners, corners), np.full(corners, corners)], axis=1)
    quads[:, 3] = k  # a triangle: its last corner is its first
    return solid(vertices, quads, np.asarray(color), "paint")


def build_sign(kind: SignKind, rng: np.random.Generator) -> Built:
    """A plate with a border and a mark on a post; its back is grey."""
    z = float(rng.uniform(2.1, 2.5))
    post = tube((0, 0, 0), (0, 0, z + 0.3), 0.035, (0.3, 0.31, 0.31), "metal")
    corners, turn, outer, inner = {
        "speed": (16, 0.0, _RED, _WHITE),
        "warning": (3, 0.0, _RED, _WHITE),
        "parking": (4, np.pi / 4, _WHITE, _BLUE),
        "priority": (4, 0.0, _WHITE, _YELLOW),
        "stop": (8, np.pi / 8, _WHITE, _RED),
        "no_entry": (16, 0.0, _RED, _RED),
    }[kind]
    size = 0.38 if kind in ("warning", "priority") else 0.33
    back = _plate(corners, size, z, (0.25, 0.25, 0.25), -0.04, turn_rad=turn)
    front = _plate(corners, size, z, outer, -0.055, turn_rad=turn)
    field = _plate(corners, size * (0.68 if kind != "parking" else 0.88), z, inner, -0.065, turn_rad=turn)
    mark = _mark(kind, z)
    return [
        (StreetClass.POLE, post),
        *((StreetClass.TRAFFIC_SIGN, each) for each in (back, front, field, *mark)),
    ]


def _mark(kind: SignKind, z: float) -> list[Solid]:
    if kind == "priority":
        return []
    color = _BLACK if kind in ("speed", "warning") else _WHITE
    sizes = {
        "speed": [(-0.13, -0.02, -0.1, 0.1), (0.02, 0.13, -0.1, 0.1)],
        "warning": [(-0.03, 0.03, -0.12, 0.12)],
        "parking": [(-0.1, -0.04, -0.17, 0.17), (-0.04, 0.1, 0.0, 0.17)],
        "stop": [(-0.22, 0.22, -0.07, 0.07)],
        "no_entry": [(-0.22, 0.22, -0.05, 0.05)],
    }[kind]
    return [boxes((x0, -0.075, z + z0), (x1, -0.068, z + z1), color, "paint") for x0, x1, z0, z1 in sizes]


def build_bollard() -> Built:
    """Without a class of its own."""
    return [(StreetClass.VOID, tube((0, 0, 0), (0, 0, 0.95), 0.07, (0.12, 0.12, 0.12), "metal"))]


def build_bin(rng: np.random.Generator) -> Built:
    """Without a class of its own."""
    color = np.array([[0.03, 0.1, 0.05], [0.05, 0.05, 0.06], [0.2, 0.14, 0.03]])[rng.integers(3)]
    return [
        (StreetClass.VOID, boxes((-0.3, -0.3, 0.05), (0.3, 0.3, 1.0), color, "paint")),
        (StreetClass.VOID, boxes((-0.33, -0.34, 1.0), (0.33, 0.34, 1.07), color * 0.7, "paint")),
        (StreetClass.VOID, ring((0.32, 0.25, 0.1), 0.1, 0.03, _BLACK, "rubber")),
    ]
