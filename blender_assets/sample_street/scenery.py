"""Everything of a street that stays where it is, and where its lamps hang."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from blender_assets.sample_street.boundaries import draw_fence, draw_wall
from blender_assets.sample_street.classes import StreetClass
from blender_assets.sample_street.furnishing import (
    LAMP_ARM_M,
    LAMP_HEIGHT_M,
    Signal,
    SignKind,
    build_bin,
    build_bollard,
    build_lamp,
    build_sign,
    build_traffic_light,
)
from blender_assets.sample_street.greenery import COARSE, FINE, Tree, draw_bush, draw_hedge, draw_tree
from blender_assets.sample_street.houses import build_house, draw_house
from blender_assets.sample_street.plan import BEGIN_M, END_M, KERB_M, Plot, Roadside, StreetPlan
from blender_assets.sample_street.roadway import Built, build_roadway
from blender_assets.sample_street.solids import Solid, mirrored, turned

_FLOORS = {"centre": (3, 6), "suburb": (1, 3), "edge": (1, 2)}
_FINE_REACH_M = 70.0  # nearer than that, trees have all their leaves
_SIGNS: tuple[SignKind, ...] = ("speed", "warning", "parking", "priority", "stop", "no_entry")


@dataclass(frozen=True)
class Scenery:
    solids: Built  # street metres
    lamps: np.ndarray  # [n, 3] where street lamps shine from, street metres


def build_scenery(plan: StreetPlan, rng: np.random.Generator, *, signal: Signal) -> Scenery:
    """Of one street; every call with the same rng state builds the same."""
    trees = [draw_tree(rng, leaves=FINE) for _ in range(4)]
    far_trees = [draw_tree(rng, leaves=COARSE) for _ in range(4)]
    built = build_roadway(plan, rng)
    for plot in plan.plots:
        built += _build_plot(plot, plan, trees if plot.begin_m < _FINE_REACH_M else far_trees, rng)
    for side in plan.sides:
        built += _plant_avenue(plan, side, trees, rng) + _put_signs(plan, side, rng)
    built += _build_distance(plan, far_trees, rng)
    if plan.junction.has_lights:
        built += _put_traffic_lights(plan, signal)
    lamps, lamp_parts = _put_lamps(plan, rng)
    return Scenery(built + lamp_parts, lamps)


def _labelled(kind: StreetClass, solids: Iterable[Solid]) -> Built:
    return [(kind, each) for each in solids]


def _placed(parts: Built, x: float, y: float, z: float, *, degrees: float) -> Built:
    return [(kind, turned([each], degrees=degrees, at=(x, y, z))[0]) for kind, each in parts]


def _beside(side: Roadside, solids: Iterable[Solid], *, x: float, y: float, z: float = KERB_M) -> list[Solid]:
    """Solids whose +x leads away from the road, put x metres from its middle on that side."""
    facing = list(solids) if side.sign > 0 else mirrored(solids)
    return turned(facing, degrees=0, at=(side.sign * x, y, z))


def _planted(tree: Tree, x: float, y: float, rng: np.random.Generator) -> Built:
    turn, size = float(rng.uniform(0, 360)), float(rng.uniform(0.75, 1.2))
    parts = turned(
        [each.moved(lambda p: p * size) for each in (tree.leaves, *tree.wood)], degrees=turn, at=(x, y, 0)
    )
    return _labelled(StreetClass.VEGETATION, parts)


def _build_plot(plot: Plot, plan: StreetPlan, trees: list[Tree], rng: np.random.Generator) -> Built:
    """A house at the pavement, or one behind a wall, a fence or a hedge, or a park."""
    side, length = plot.side, plot.end_m - plot.begin_m
    edge = side.front_m + 0.25
    if plot.kind == "house":
        return _stand_house(plot, plan, side.front_m, rng)
    if plot.kind == "walled":
        front = _labelled(StreetClass.WALL, _beside(side, draw_wall(length, rng), x=edge, y=plot.begin_m))
    elif plot.kind == "fenced":
        front = _labelled(StreetClass.FENCE, _beside(side, draw_fence(length, rng), x=edge, y=plot.begin_m))
    else:
        hedge = [draw_hedge(length, float(rng.uniform(0.9, 1.9)), rng)] if rng.random() < 0.5 else []
        front = _labelled(StreetClass.VEGETATION, _beside(side, hedge, x=edge + 0.3, y=plot.begin_m))
    has_house = plot.kind != "park" and rng.random() < 0.65
    setback = float(rng.uniform(4, 9))
    behind = _stand_house(plot, plan, side.front_m + setback, rng) if has_house else []
    return front + behind + _plant_garden(plot, trees, setback if has_house else 16.0, rng)


def _stand_house(plot: Plot, plan: StreetPlan, front_m: float, rng: np.random.Generator) -> Built:
    """House space has its front along x and its inside at +y: turned so that the inside leads away from the road."""
    is_back = front_m > plot.side.front_m
    margin = 1.0 if is_back else 0.0
    floors = (1, 3) if is_back else _FLOORS[plan.character]
    house = draw_house(plot.end_m - plot.begin_m - 2 * margin, floors, rng)
    solids = [each.moved(lambda points: points[:, [1, 0, 2]]) for each in build_house(house, rng)]
    placed = _beside(plot.side, solids, x=front_m, y=plot.begin_m + margin, z=KERB_M - 0.01)
    return _labelled(StreetClass.BUILDING, placed)


def _plant_garden(plot: Plot, trees: list[Tree], depth_m: float, rng: np.random.Generator) -> Built:
    built: Built = []
    area = depth_m * (plot.end_m - plot.begin_m)
    for _ in range(int(rng.poisson(area / 45))):
        x = plot.side.sign * (plot.side.front_m + float(rng.uniform(1.5, max(depth_m - 1, 2))))
        y = float(rng.uniform(plot.begin_m, plot.end_m))
        if rng.random() < 0.5:
            bush = turned([draw_bush(rng)], degrees=0, at=(x, y, 0))
            built += _labelled(StreetClass.VEGETATION, bush)
        else:
            built += _planted(trees[rng.integers(len(trees))], x, y, rng)
    return built


def _plant_avenue(plan: StreetPlan, side: Roadside, trees: list[Tree], rng: np.random.Generator) -> Built:
    """Trees in the verge, or now and then in the pavement."""
    spacing = float(rng.uniform(9, 16)) if side.has_verge else float(rng.uniform(14, 40))
    if not side.has_verge and rng.random() < 0.4:
        return []
    x = (side.kerb_m + side.verge_m) / 2 + 0.1 if side.has_verge else side.kerb_m + 0.9
    built: Built = []
    for y in np.arange(float(rng.uniform(3, 10)), 150, spacing):
        if plan.junction.is_clear(y, 7):
            built += _planted(trees[rng.integers(len(trees))], side.sign * x, float(y), rng)
    return built


def _put_lamps(plan: StreetPlan, rng: np.random.Generator) -> tuple[np.ndarray, Built]:
    """Every 22 to 30 m, left and right in turns; their arms reach over the road."""
    spacing, first = float(rng.uniform(22, 30)), float(rng.uniform(5, 12))
    built: Built = []
    places: list[tuple[float, float, float]] = []
    for k, y in enumerate(np.arange(first - spacing / 2, 160, spacing / 2)):
        side = plan.sides[k % 2]
        y += 0.0 if plan.junction.is_clear(y, 1.0) else plan.junction.half_m + 2.0
        x = side.sign * (side.kerb_m + 0.45)
        built += _placed(build_lamp(), x, float(y), KERB_M, degrees=180.0 if side.sign > 0 else 0.0)
        places.append((x - side.sign * LAMP_ARM_M, float(y), LAMP_HEIGHT_M + KERB_M - 0.1))
    return np.array(places), built


def _put_traffic_lights(plan: StreetPlan, signal: Signal) -> Built:
    """One for each way along the street, before the junction; the far one faces away."""
    junction, built = plan.junction, Built()
    for sign, side in ((1, plan.right), (-1, plan.left)):
        y = junction.middle_m - sign * (junction.half_m + 5.2)
        degrees = 0.0 if sign > 0 else 180.0
        built += _placed(
            build_traffic_light(signal), side.sign * (side.kerb_m + 0.4), y, KERB_M, degrees=degrees
        )
        far_y = junction.middle_m + sign * (junction.half_m + 1.2)
        built += _placed(
            build_traffic_light(signal), side.sign * (side.kerb_m + 0.4), far_y, KERB_M, degrees=degrees
        )
    return built


def _put_signs(plan: StreetPlan, side: Roadside, rng: np.random.Generator) -> Built:
    """Signs that face the traffic of their side, bollards and bins."""
    built: Built = []
    degrees = 0.0 if side.sign > 0 else 180.0
    for y in np.arange(float(rng.uniform(7, 16)), 120, float(rng.uniform(13, 30))):
        kind = _SIGNS[rng.integers(len(_SIGNS))]
        if plan.junction.is_clear(y, 2.0):
            x = side.sign * (side.kerb_m + 0.5)
            built += _placed(
                build_sign(kind, rng), x, float(y), KERB_M, degrees=degrees + float(rng.normal(0, 6))
            )
    for y in rng.uniform(6, 90, int(rng.poisson(3))):
        if plan.junction.is_clear(float(y), 4.0):
            built += _placed(build_bin(rng), side.sign * (side.front_m - 0.4), float(y), KERB_M, degrees=90.0)
    for k in range(4 if rng.random() < 0.4 else 0):
        y = plan.junction.middle_m - plan.junction.half_m - 1.0 - 1.5 * k
        built += _placed(build_bollard(), side.sign * (side.kerb_m + 0.35), y, KERB_M, degrees=0.0)
    return built


def _build_distance(plan: StreetPlan, trees: list[Tree], rng: np.random.Generator) -> Built:
    """What closes the view: trees and houses at the ends of the street and of the crossing street."""
    built: Built = []
    for x in np.arange(-70, 71, 7.0):
        built += _planted(trees[rng.integers(len(trees))], float(x), END_M - 4 + float(rng.normal(0, 2)), rng)
    for side in plan.sides:
        junction = plan.junction
        for edge in (-1, 1):
            for x in np.arange(side.front_m + 14, 66, 8.0):
                y = junction.middle_m + edge * (junction.half_m + 4.5)
                built += _planted(trees[rng.integers(len(trees))], side.sign * float(x), y, rng)
        far = Plot("house", side, junction.middle_m - 20, junction.middle_m + 20)
        built += _stand_house(far, plan, 69.0, rng)
    for side in plan.sides:
        for y in np.arange(BEGIN_M, END_M, 13.0):
            if plan.junction.is_clear(float(y), 9.0):
                x = side.sign * (side.front_m + float(rng.uniform(20, 34)))
                built += _planted(trees[rng.integers(len(trees))], x, float(y), rng)
    return built
