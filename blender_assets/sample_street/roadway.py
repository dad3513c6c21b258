"""Road, markings, kerbs, pavements, verges and the ground beyond, as solids by class."""

import numpy as np

from blender_assets.sample_street.classes import StreetClass
from blender_assets.sample_street.plan import BEGIN_M, END_M, KERB_M, Roadside, StreetPlan
from blender_assets.sample_street.solids import Solid, Surface, boxes, long_box, solid, strip

STEP_M = 2.0
MARKING_M = 0.004  # paint above the asphalt, so that the two do not fight for a pixel
CROSS_REACH_M = 70.0  # how far the crossing street goes to each side
_WHITE = (0.62, 0.62, 0.6)
Built = list[tuple[StreetClass, Solid]]


def build_roadway(plan: StreetPlan, rng: np.random.Generator) -> Built:
    """All that is walked and driven on; the road's surface is z = 0."""
    asphalt = rng.uniform(0.035, 0.085) * np.array([1.0, 1.0, rng.uniform(1.0, 1.08)])
    paving = rng.uniform(0.16, 0.34) * np.array([1.0, rng.uniform(0.93, 1.0), rng.uniform(0.82, 1.0)])
    built = _build_ground(plan, asphalt)
    for side in plan.sides:
        built += _build_side(plan, side, paving, rng)
    return built + _build_markings(plan) + _build_patches(plan, asphalt, rng)


def _build_ground(plan: StreetPlan, asphalt: np.ndarray) -> Built:
    """The road between the kerbs, the crossing street, and grass below everything."""
    along = np.arange(BEGIN_M, END_M + STEP_M, STEP_M)
    road = strip((-plan.left.kerb_m, plan.right.kerb_m), along, 0.0, asphalt, "asphalt")
    junction = plan.junction
    crossing = [
        _sideways_strip(
            sign,
            plan,
            (junction.middle_m - junction.half_m, junction.middle_m + junction.half_m),
            0.0,
            asphalt,
        )
        for sign in (1, -1)
    ]
    meadow = strip((-CROSS_REACH_M - 30, CROSS_REACH_M + 30), along, -0.25, (0.06, 0.1, 0.03), "grass")
    return [
        (StreetClass.ROAD, road),
        *((StreetClass.ROAD, piece) for piece in crossing),
        (StreetClass.TERRAIN, meadow),
    ]


def _sideways_strip(
    sign: int, plan: StreetPlan, y: tuple[float, float], z: float, color: np.ndarray
) -> Solid:
    """A flat band from the kerb of one side outwards."""
    side = plan.right if sign > 0 else plan.left
    x = sign * np.linspace(side.kerb_m, CROSS_REACH_M, 16)
    vertices = np.stack([np.repeat(x, 2), np.tile(y, 16), np.full(32, z)], axis=1)
    k = 2 * np.arange(15)
    return solid(vertices, np.stack([k, k + 1, k + 3, k + 2], axis=1), color, "asphalt")


def _stretches(plan: StreetPlan) -> list[tuple[float, float]]:
    """Where the pavement goes on along y: before and after the crossing street."""
    junction = plan.junction
    return [(BEGIN_M, junction.middle_m - junction.half_m), (junction.middle_m + junction.half_m, END_M)]


def _build_side(plan: StreetPlan, side: Roadside, paving: np.ndarray, rng: np.random.Generator) -> Built:
    """Kerb, verge, pavement, the plots' ground, and the pavements of the crossing street."""
    built: Built = []
    ground = np.array([0.07, 0.12, 0.03]) * rng.uniform(0.7, 1.3)

    def slab(
        x: tuple[float, float], y: tuple[float, float], top: float, color: np.ndarray, surface: Surface
    ) -> Solid:
        low_x, high_x = sorted(side.sign * value for value in x)
        return long_box((low_x, y[0], -0.2), (high_x, y[1], top), color, surface, step_m=STEP_M)

    for stretch in _stretches(plan):
        kerb = slab((side.kerb_m, side.kerb_m + 0.16), stretch, KERB_M, paving * 1.25, "paving")
        walk = slab((side.verge_m + 0.16, side.front_m), stretch, KERB_M - 0.01, paving, "paving")
        built += [(StreetClass.SIDEWALK, kerb), (StreetClass.SIDEWALK, walk)]
        if side.has_verge:
            verge = slab((side.kerb_m + 0.16, side.verge_m + 0.16), stretch, KERB_M - 0.03, ground, "grass")
            built.append((StreetClass.TERRAIN, verge))
        yard = slab((side.front_m, CROSS_REACH_M), stretch, KERB_M - 0.04, ground, "grass")
        built.append((StreetClass.TERRAIN, yard))
    junction = plan.junction
    for edge in (-1, 1):
        y = sorted(
            (junction.middle_m + edge * junction.half_m, junction.middle_m + edge * (junction.half_m + 2.4))
        )
        walk = slab((side.front_m, CROSS_REACH_M), (y[0], y[1]), KERB_M - 0.012, paving, "paving")
        built.append((StreetClass.SIDEWALK, walk))
    return built


def _build_markings(plan: StreetPlan) -> Built:
    """Centre line, edge lines or bays, stop lines and zebras."""
    dashes = [y for y in np.arange(BEGIN_M, END_M, 6.0) if _is_free(plan, y + 1.5, 5.5)]
    painted = [
        strip((-0.07, 0.07), np.array([y, y + 1.5, y + 3.0]), MARKING_M, _WHITE, "marking") for y in dashes
    ]
    for sign in (1, -1):
        x = sign * (plan.lane_m + (0.0 if plan.parking_m else -0.25))
        for begin, end in _line_stretches(plan):
            along = np.arange(begin, end, STEP_M)
            painted.append(strip((x - 0.06, x + 0.06), along, MARKING_M, _WHITE, "marking"))
    painted += [piece for y in plan.crossings_m for piece in _zebra(plan, y)]
    junction = plan.junction
    for sign in (1, -1):
        y = junction.middle_m - sign * (junction.half_m + 6.0)
        x = sorted((sign * 0.15, sign * (plan.lane_m - 0.15)))
        painted.append(strip((x[0], x[1]), np.array([y, y + 0.4]), MARKING_M, _WHITE, "marking"))
    return [(StreetClass.ROAD, piece) for piece in painted]


def _is_free(plan: StreetPlan, y: float, margin_m: float) -> bool:
    """Whether no crossing is near y."""
    return plan.junction.is_clear(y, margin_m) and all(abs(y - crossing) > 4 for crossing in plan.crossings_m)


def _line_stretches(plan: StreetPlan) -> list[tuple[float, float]]:
    (begin, first), (second, end) = _stretches(plan)
    return [(begin, first - 5.5), (second + 5.5, end)]


def _zebra(plan: StreetPlan, y: float) -> list[Solid]:
    """Bars of half a metre from kerb to kerb."""
    edges = np.arange(-plan.left.kerb_m + 0.4, plan.right.kerb_m - 0.6, 1.0)
    along = np.array([y - 1.5, y, y + 1.5])
    return [strip((x, x + 0.5), along, MARKING_M, _WHITE, "marking") for x in edges]


def _build_patches(plan: StreetPlan, asphalt: np.ndarray, rng: np.random.Generator) -> Built:
    """Mended places and manholes: darker and lighter than the road."""
    built: Built = []
    for k in range(int(rng.integers(8, 16))):
        x, y = rng.uniform(-plan.lane_m, plan.lane_m - 1.5), rng.uniform(0, 120)
        width, length = rng.uniform(0.6, 2.0), rng.uniform(1.5, 9.0)
        shade = asphalt * rng.uniform(0.55, 1.35)
        patch = strip(
            (x, x + width), np.linspace(y, y + length, 5), MARKING_M * (k + 4) / 24, shade, "asphalt"
        )
        built.append((StreetClass.ROAD, patch))
    for _ in range(6):
        x, y = rng.uniform(-plan.lane_m, plan.lane_m), rng.uniform(0, 120)
        lid = boxes((x - 0.3, y - 0.3, 0), (x + 0.3, y + 0.3, 0.003), (0.03, 0.03, 0.03), "metal")
        built.append((StreetClass.ROAD, lid))
    return built
