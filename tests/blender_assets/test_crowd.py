import numpy as np
import pytest

from blender_assets.crowd import circle_spots, desk_before
from blender_assets.furniture import seat_height
from blender_assets.people.body import BodyBasis
from blender_assets.polygons import is_inside
from blender_assets.settings import RenderSettings
from blender_assets.spread import ZonePlace
from blender_assets.surroundings import SeatPlace
from tests.blender_assets.rooms import CAMERA, FLOOR, TABLE, fill, room

STANDERS = {"sitting_people": (0, 0), "standing_people": (3, 3)}


def test_the_same_seed_gives_the_same_places(body_basis: BodyBasis) -> None:
    settings = RenderSettings(sitting_people=(1, 2), standing_people=(1, 3))
    one, again = (fill(body_basis, room(), settings, 5) for _ in range(2))
    assert one.wanted == again.wanted
    assert all(np.array_equal(a.vertices, b.vertices) for a, b in zip(one.people, again.people, strict=True))


@pytest.mark.parametrize("height_m", [0.4, 0.43])  # on higher ones small people lift their feet
def test_a_person_on_a_seat_of_the_photo_sits_on_it_with_the_feet_on_the_floor(
    body_basis: BodyBasis, height_m: float
) -> None:
    settings = RenderSettings(sitting_people=(1, 1), standing_people=(0, 0))
    place = room(occluders=(), seats=(SeatPlace(np.array([0.6, -1.0]), height_m, 0.0),))
    for seed in range(4):
        (person,) = fill(body_basis, place, settings, seed).people
        assert person.chair is None
        under = np.hypot(*(person.vertices[:, :2] - person.spot.xyz[:2]).T) < 0.12
        assert person.vertices[under, 2].min() == pytest.approx(height_m, abs=0.02)
        assert person.vertices[:, 2].min() == pytest.approx(0.0, abs=0.02)
        feet = person.vertices[person.vertices[:, 2] < 0.1]
        assert feet[:, 0].mean() > 0.8  # the seat faces +x


def test_as_many_bring_a_chair_as_the_share_of_seats_leaves(body_basis: BodyBasis) -> None:
    place = room(occluders=(), seats=(SeatPlace(np.array([0.6, -1.0]), 0.42, 0.0),))
    brought = {}
    for share in (0.0, 0.5, 1.0):
        settings = RenderSettings(sitting_people=(1, 1), standing_people=(0, 0), seat_share=share)
        crowds = [fill(body_basis, place, settings, seed).people for seed in range(6)]
        brought[share] = sum(person.chair is not None for (person,) in crowds)
    assert brought[0.0] == 6 and brought[1.0] == 0 and 1 <= brought[0.5] <= 5


def test_nobody_stands_in_a_chair_of_the_photo(body_basis: BodyBasis) -> None:
    settings = RenderSettings(sitting_people=(0, 0), standing_people=(2, 3))
    seats = tuple(SeatPlace(np.array([x, -1.0]), 0.45, 0.0) for x in (-0.6, 0.6))
    for seed in range(6):
        for person in fill(body_basis, room(occluders=(), seats=seats), settings, seed).people:
            assert min(np.hypot(*(person.spot.xyz[:2] - seat.xy)) for seat in seats) >= 0.45


def test_a_seat_too_high_for_the_feet_lifts_them(body_basis: BodyBasis) -> None:
    settings = RenderSettings(sitting_people=(1, 1), standing_people=(0, 0))
    place = room(occluders=(), seats=(SeatPlace(np.array([0.6, -1.0]), 0.95, 0.0),))
    (person,) = fill(body_basis, place, settings, 1).people
    under = np.hypot(*(person.vertices[:, :2] - person.spot.xyz[:2]).T) < 0.12
    assert person.vertices[under, 2].min() == pytest.approx(0.95, abs=0.025)


def test_the_table_before_a_seat_is_found_with_its_distance() -> None:
    seat = SeatPlace(np.array([-1.0, -0.7]), 0.45, np.pi / 2)
    desk = desk_before(seat, [TABLE])
    assert desk is not None
    assert desk.height_m == 0.74
    assert desk.edge_m == pytest.approx(0.3, abs=0.011)
    assert desk_before(SeatPlace(np.array([-1.0, -0.7]), 0.45, -np.pi / 2), [TABLE]) is None


@pytest.mark.parametrize("size", [2, 3, 4])
def test_a_group_faces_its_middle_at_the_distance_asked_for(size: int) -> None:
    centre = np.array([1.0, 2.0])
    for seed in range(10):
        spots = circle_spots(centre, size, 1.0, np.random.default_rng(seed))
        places = np.stack([spot.xyz[:2] for spot in spots])
        gaps = np.linalg.norm(places - np.roll(places, 1, axis=0), axis=1)
        assert (gaps > 0.6).all() and (gaps < 1.4).all()
        for spot in spots:
            towards = centre - spot.xyz[:2]
            angle = np.arctan2(towards[1], towards[0]) - spot.facing_rad
            assert np.cos(angle) > np.cos(0.8)


@pytest.mark.parametrize(("fraction", "is_grouped"), [(1.0, True), (0.0, False)])
def test_groups_form_as_often_as_the_settings_say(
    body_basis: BodyBasis, fraction: float, is_grouped: bool
) -> None:
    crowd = {"grouped_fraction": fraction, "group_size": (3, 3), "group_distance_m": (0.9, 1.0)}
    settings = RenderSettings.model_validate(STANDERS | {"crowd": crowd})
    for seed in range(3):
        spots = np.stack([p.spot.xyz[:2] for p in fill(body_basis, room(), settings, seed).people])
        assert (np.linalg.norm(spots[:, None] - spots[None], axis=-1).max() < 1.3) == is_grouped


def test_zones_hold_everybody_who_is_free_to_choose(body_basis: BodyBasis) -> None:
    zone = np.array([[-2.6, -2.2], [2.6, -2.2], [2.6, -1.2], [-2.6, -1.2]])
    place = room(zones=(ZonePlace(zone, 1.0),))
    settings = RenderSettings.model_validate(STANDERS | {"crowd": {"grouped_fraction": 0.0}})
    spots = [p.spot.xyz[:2] for seed in range(4) for p in fill(body_basis, place, settings, seed).people]
    assert len(spots) > 8
    assert (np.stack(spots)[:, 1] < -1.15).all()


def test_people_gather_where_the_density_image_is_bright(body_basis: BodyBasis) -> None:
    density = np.zeros((CAMERA.height_px, CAMERA.width_px), dtype=np.uint8)
    density[:, CAMERA.width_px // 2 :] = 200  # the right half of the image is +x under this camera
    settings = RenderSettings.model_validate(STANDERS | {"crowd": {"grouped_fraction": 0.0}})
    place = room(density=density)
    spots = [p.spot.xyz[:2] for seed in range(4) for p in fill(body_basis, place, settings, seed).people]
    assert (np.stack(spots)[:, 0] > -0.06).all()


def test_more_people_than_fit_are_an_error_that_says_how_many_fit(body_basis: BodyBasis) -> None:
    small = np.array([[0.9, -0.6], [2.1, -0.6], [2.1, 0.6], [0.9, 0.6]])
    settings = RenderSettings(sitting_people=(0, 0), standing_people=(9, 9), placement_tries=10)
    with pytest.raises(
        ValueError, match=r"standing_people asks for at least 9, but only [1-8] found a place"
    ):
        fill(body_basis, room(floor=small, occluders=()), settings, 0)


def test_one_who_finds_no_place_is_counted_as_wanted(body_basis: BodyBasis) -> None:
    small = np.array([[0.9, -0.6], [2.1, -0.6], [2.1, 0.6], [0.9, 0.6]])
    settings = RenderSettings(sitting_people=(0, 0), standing_people=(0, 12), placement_tries=10)
    crowd = fill(body_basis, room(floor=small, occluders=()), settings, 4)
    assert crowd.wanted["standing"] > crowd.count("standing") == len(crowd.people)


def test_lying_people_lie_on_free_floor(body_basis: BodyBasis) -> None:
    settings = RenderSettings(sitting_people=(0, 0), standing_people=(0, 0), lying_people=(1, 1))
    for seed in range(4):
        (person,) = fill(body_basis, room(), settings, seed).people
        flat = person.vertices[np.unique(person.mesh.quads)][:, :2]
        assert is_inside(flat, FLOOR).mean() > 0.99
        assert not is_inside(flat, TABLE.top_xy).any()
        assert seat_height(person.mesh.vertices) < 0.15
