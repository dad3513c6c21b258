"""What stands and drives in streets, before anything is rendered."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from blender_assets.people.body import BodyBasis, load_body_basis
from blender_assets.people.pieces import PersonMesh
from blender_assets.sample_street.classes import StreetClass
from blender_assets.sample_street.plan import BEGIN_M, END_M, draw_plan
from blender_assets.sample_street.settings import StreetSettings
from blender_assets.sample_street.street import Street, draw_street, spread_over
from blender_assets.sample_street.things import Thing
from blender_assets.sample_street.vehicles import draw_bus, draw_car, draw_truck

SETTINGS = StreetSettings()
COUNT = 6


@pytest.fixture(scope="module")
def basis(body_basis_path: Path) -> BodyBasis:
    return load_body_basis(body_basis_path)


@pytest.fixture(scope="module")
def streets(basis: BodyBasis) -> list[Street]:
    return [draw_street(5, sequence, SETTINGS, basis) for sequence in range(COUNT)]


def corners(thing: Thing) -> np.ndarray:
    """[v, 3] in the thing's own space."""
    if isinstance(thing.body, PersonMesh):
        return thing.body.vertices * [-1, -1, 1]
    return np.concatenate([solid.vertices for solid in thing.body])


def half_size(thing: Thing) -> np.ndarray:
    points = corners(thing)
    return (points.max(axis=0) - points.min(axis=0))[:2] / 2


def test_plots_fill_both_sides_without_gaps_but_for_the_crossing_street():
    plan = draw_plan(np.random.default_rng(3), SETTINGS, place=0.2, wetness=0.5)
    for side in plan.sides:
        plots = [plot for plot in plan.plots if plot.side is side]
        jumps = [second.begin_m - first.end_m for first, second in pairwise(plots)]
        assert plots[0].begin_m == BEGIN_M and END_M - plots[-1].end_m <= 5
        wide = [jump for jump in jumps if jump > 1e-6]
        road_m = 2 * plan.junction.half_m
        assert len(wide) == 1 and road_m + 6 - 1e-9 <= wide[0] <= road_m + 11


def test_a_dozen_streets_are_wet_as_often_as_asked_and_of_every_kind():
    wet = [spread_over(seed, k)[1] < 0.3 for seed in range(5) for k in range(12)]
    assert 0.25 <= np.mean(wet) <= 0.35
    for seed in range(5):
        places = [spread_over(seed, k)[0] for k in range(12)]
        assert min(places) < 0.2 and max(places) > 0.8


def test_a_street_has_the_classes_that_the_module_names(streets: list[Street]):
    still = {kind for street in streets for kind, _ in street.scenery.solids}
    moving = {thing.kind for street in streets for thing in street.things}
    assert still | {StreetClass.SKY} | moving == set(StreetClass)
    assert not still & moving


def test_another_sequence_is_another_street_and_the_same_is_the_same(streets: list[Street], basis: BodyBasis):
    again = draw_street(5, 2, SETTINGS, basis)
    same = zip(again.scenery.solids, streets[2].scenery.solids, strict=True)
    assert all(np.array_equal(a.vertices, b.vertices) and k == j for (k, a), (j, b) in same)
    assert [thing.track for thing in again.things] == [thing.track for thing in streets[2].things]
    assert len({street.plan.junction.middle_m for street in streets}) == COUNT


def test_vehicles_keep_apart_from_each_other_and_from_the_camera(streets: list[Street]):
    vehicles = (
        StreetClass.CAR,
        StreetClass.BUS,
        StreetClass.TRUCK,
        StreetClass.BICYCLE,
        StreetClass.MOTORCYCLE,
    )
    for street in streets:
        driven = [
            thing
            for thing in street.things
            if thing.kind in vehicles and abs(thing.track.x) < street.plan.right.kerb_m
        ]
        for seconds in (street.drive.seconds[0], street.drive.seconds[-1]):
            own = np.array(street.drive.track().at(seconds))
            places = [(np.array(thing.track.at(seconds)), half_size(thing)) for thing in driven]
            for k, (place, half) in enumerate(places):
                turn = driven[k].track.turn_deg % 180
                assert 20 < turn < 160 or (np.abs(place - own) > half).any(), driven[k].track
                for other, other_half in places[k + 1 :]:
                    gap = np.abs(place - other) - half - other_half
                    assert gap.max() > -0.75, (driven[k].track, place, other)


def test_only_vehicles_in_a_lane_have_their_lights_on(streets: list[Street]):
    for street in streets:
        cars = [thing for thing in street.things if thing.kind == StreetClass.CAR]
        for car in cars:
            assert not isinstance(car.body, PersonMesh)
            shines = max(float(solid.glow.max()) for solid in car.body) > 0
            is_in_lane = abs(abs(car.track.x) - street.plan.lane_m / 2) < 0.6
            assert shines == is_in_lane == (car.headlights is not None)


def test_people_stand_on_the_pavement_or_cross_where_cars_wait(streets: list[Street]):
    for street in streets:
        plan = street.plan
        for thing in (thing for thing in street.things if thing.kind == StreetClass.PERSON):
            side = plan.right if thing.track.x > 0 else plan.left
            is_on_pavement = side.verge_m < abs(thing.track.x) < side.front_m
            crosses = min(abs(thing.track.y - y) for y in plan.crossings_m) < 1.5
            assert is_on_pavement or (crosses and thing.track.y > street.drive.length_m + 5)


def test_riders_sit_on_bicycles_that_fit_them(basis: BodyBasis):
    found = []
    for sequence in range(8):
        things = draw_street(9, sequence, StreetSettings(traffic_density=0), basis).things
        pairs = pairwise(things)
        found += [(a, b) for a, b in pairs if a.kind == StreetClass.RIDER and b.kind == StreetClass.BICYCLE]
        if len(found) > 2:
            break
    assert len(found) > 2
    for rider, bicycle in found:
        assert rider.track.at(2.0) == bicycle.track.at(2.0)
        body, frame = corners(rider), corners(bicycle)
        assert frame[:, 2].min() == pytest.approx(0, abs=0.02)
        hips = rider.body.keypoints[11:13, 2].mean() + rider.track.z  # type: ignore[union-attr]
        saddle = frame[np.abs(frame[:, 1]) < 0.13][:, 2].max()
        assert 0.0 < hips - saddle < 0.2
        assert body[:, 2].min() + rider.track.z > 0.05


@pytest.mark.parametrize(
    ("draw", "length", "width", "height"),
    [
        (draw_car, (3.9, 5.5), (1.6, 2.5), (1.35, 2.2)),
        (draw_truck, (6, 9.2), (2.3, 2.6), (2.6, 3.7)),
        (draw_bus, (10, 12.2), (2.4, 2.7), (2.9, 3.2)),
    ],
)
def test_vehicles_have_the_size_of_real_ones_and_stand_on_their_wheels(draw, length, width, height):
    for seed in range(4):
        points = np.concatenate([solid.vertices for solid in draw(np.random.default_rng(seed)).solids])
        size = points.max(axis=0) - points.min(axis=0)
        assert (
            width[0] < size[0] < width[1]
            and length[0] < size[1] < length[1]
            and height[0] < size[2] < height[1]
        )
        assert points[:, 2].min() == pytest.approx(0, abs=0.03)


def test_a_drive_longer_than_the_street_is_refused():
    with pytest.raises(ValueError, match="the car would drive 200 m"):
        StreetSettings(frames_per_sequence=40)
    with pytest.raises(ValueError, match="each once"):
        StreetSettings(times=("day", "day"))
