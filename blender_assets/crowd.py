"""Fills a scene with people: who is wanted, where each is tried, and groups that talk."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from blender_assets.furniture import SQUASH_M, seat_height
from blender_assets.occupancy import Occupancy
from blender_assets.people.pieces import PersonMesh
from blender_assets.people.support import Desk, PoseKind, Support
from blender_assets.placement import Candidate, PlacedPerson, Room, Spot, take_candidate
from blender_assets.polygons import is_inside
from blender_assets.settings import RenderSettings
from blender_assets.surroundings import OccluderBody, SeatPlace, Surroundings

SEAT_ELBOW_ROOM_M = 0.22
EDGE_BEFORE_PELVIS_M = (0.18, 0.42)  # from under the pelvis to the edge of the table
CHAIR_DRAWN_BACK_M = 0.14
FARTHEST_DESK_M = 0.6
SCENE_ROUNDS = 4  # a scene that lacks people whom the settings demand is filled anew this often

MakePerson = Callable[[np.random.Generator, PoseKind, Support], PersonMesh]
DrawSpot = Callable[[Candidate], Spot | None]


@dataclass(frozen=True)
class Crowd:
    people: list[PlacedPerson]
    wanted: dict[PoseKind, int]

    def count(self, kind: PoseKind) -> int:
        return sum(person.mesh.pose == kind for person in self.people)


def place_people(
    surroundings: Surroundings, settings: RenderSettings, rng: np.random.Generator, make_person: MakePerson
) -> Crowd:
    """As many people as the settings draw, fewer where no free place is found for one.

    ValueError where even the least numbers of the settings do not fit.
    """
    kinds: tuple[PoseKind, ...] = get_args(PoseKind)
    wanted: dict[PoseKind, int] = {
        kind: int(rng.integers(*settings.counts(kind), endpoint=True)) for kind in kinds
    }
    best: Crowd | None = None
    for _ in range(SCENE_ROUNDS):
        filling = _Filling(surroundings, settings, rng, make_person)
        crowd = Crowd(filling.fill(wanted), wanted)
        if not _missing(crowd, settings):
            return crowd
        best = crowd if best is None or len(crowd.people) > len(best.people) else best
    assert best is not None
    raise ValueError(_too_many(best, settings))


def _missing(crowd: Crowd, settings: RenderSettings) -> list[PoseKind]:
    """The kinds of which there are fewer than the settings demand."""
    return [kind for kind in crowd.wanted if crowd.count(kind) < settings.counts(kind)[0]]


def _too_many(crowd: Crowd, settings: RenderSettings) -> str:
    kind = _missing(crowd, settings)[0]
    return (
        f"{kind}_people asks for at least {settings.counts(kind)[0]}, but only {crowd.count(kind)} found a place "
        f"among {len(crowd.people)} people; lower {kind}_people, raise placement_tries ({settings.placement_tries}) "
        "or give the floor more room"
    )


class _Filling:
    """One scene while it fills up."""

    def __init__(
        self,
        surroundings: Surroundings,
        settings: RenderSettings,
        rng: np.random.Generator,
        make_person: MakePerson,
    ) -> None:
        self.settings, self.rng, self.make_person = settings, rng, make_person
        self.room = Room(surroundings, settings, Occupancy(surroundings.floor_xy))
        self.seats = [surroundings.seats[k] for k in rng.permutation(len(surroundings.seats))]
        self.people: list[PlacedPerson] = []

    def fill(self, wanted: dict[PoseKind, int]) -> list[PlacedPerson]:
        """Those who need most room or a certain place come first."""
        for _ in range(wanted["lying"]):
            self._place("lying", Support(), None, self._anywhere)
        for _ in range(wanted["sitting"]):
            self._seat_someone()
        standing = wanted["standing"]
        while standing > 0:
            standing -= self._gather(standing)
        return self.people

    def _settle_in(self, candidate: Candidate, spot: Spot) -> None:
        self.people.append(candidate.at(spot))
        self.room.occupancy.add(candidate.points_at(spot))

    def _place(self, kind: PoseKind, support: Support, seat: SeatPlace | None, draw_spot: DrawSpot) -> bool:
        candidate = take_candidate(self.make_person(self.rng, kind, support), seat, self.rng)
        for _ in range(self.settings.placement_tries):
            spot = draw_spot(candidate)
            if spot is not None and self.room.admits(candidate, spot):
                self._settle_in(candidate, spot)
                return True
        return False

    def _anywhere(self, candidate: Candidate) -> Spot:
        xy = self.room.surroundings.spread.draw(self.rng)
        return Spot(np.array([*xy, 0.0]), self.rng.uniform(0, 2 * np.pi))

    def _seat_someone(self) -> None:
        """On a seat of the photo, at a table, or on a chair somewhere: whatever is tried first and succeeds."""
        for support, seat, draw_spot in self._sitting_places():
            if self._place("sitting", support, seat, draw_spot):
                return

    def _sitting_places(self) -> Iterator[tuple[Support, SeatPlace | None, DrawSpot]]:
        surroundings, rng = self.room.surroundings, self.rng
        tables = [occluder for occluder in surroundings.occluders if not occluder.is_solid]
        takes_seat = bool(self.seats) and rng.random() < self.settings.seat_share
        while takes_seat and self.seats:
            seat = self.seats.pop()
            desk = desk_before(seat, tables)
            yield Support(seat.height_m, desk), seat, lambda person, seat=seat: _on_seat(person, seat, rng)
        if tables and rng.random() < self.settings.table_share:
            table = tables[int(rng.integers(len(tables)))]
            edge_m = float(rng.uniform(*EDGE_BEFORE_PELVIS_M))
            support = Support(desk=Desk(table.top_m, edge_m))
            yield support, None, lambda _: _at_table(table, edge_m, surroundings, rng)
        yield Support(), None, self._anywhere

    def _gather(self, available: int) -> int:
        """Places a group or one person; returns how many of the wanted people are dealt with."""
        crowd = self.settings.crowd
        size = min(int(self.rng.integers(*crowd.group_size, endpoint=True)), available)
        if size >= 2 and self.rng.random() < crowd.grouped_fraction and self._place_group(size):
            return size
        self._place("standing", Support(), None, self._anywhere)
        return 1

    def _place_group(self, size: int) -> bool:
        company = Support(is_in_company=True)
        members = [
            take_candidate(self.make_person(self.rng, "standing", company), None, self.rng)
            for _ in range(size)
        ]
        for _ in range(self.settings.placement_tries):
            distance_m = float(self.rng.uniform(*self.settings.crowd.group_distance_m))
            centre = self.room.surroundings.spread.draw(self.rng)
            spots = circle_spots(centre, size, distance_m, self.rng)
            if self._admits_all(members, spots):
                for member, spot in zip(members, spots, strict=True):
                    self._settle_in(member, spot)
                return True
        return False

    def _admits_all(self, members: list[Candidate], spots: list[Spot]) -> bool:
        if not all(self.room.admits(member, spot) for member, spot in zip(members, spots, strict=True)):
            return False
        room = Room(self.room.surroundings, self.settings, self.room.occupancy.copy())
        for member, spot in zip(members, spots, strict=True):
            points = member.points_at(spot)
            if room.occupancy.touches(points):
                return False
            room.occupancy.add(points)
        return True


def circle_spots(
    centre: NDArray[np.float64], size: int, distance_m: float, rng: np.random.Generator
) -> list[Spot]:
    """People on a circle, distance_m from neighbour to neighbour, who look about at its middle."""
    radius_m = distance_m / (2 * np.sin(np.pi / size))
    angles = rng.uniform(0, 2 * np.pi) + 2 * np.pi * np.arange(size) / size + rng.normal(0, 0.1, size)
    spots = []
    for angle in angles:
        outward = np.array([np.cos(angle), np.sin(angle)])
        xy = centre + outward * radius_m * rng.uniform(0.92, 1.1)
        spots.append(Spot(np.array([*xy, 0.0]), float(angle + np.pi + rng.normal(0, 0.2))))
    return spots


def desk_before(seat: SeatPlace, tables: list[OccluderBody]) -> Desk | None:
    """The table that a seat of the photo is drawn up to, if there is one within reach."""
    steps_m = np.arange(0.05, FARTHEST_DESK_M, 0.01)
    ahead = seat.xy + steps_m[:, None] * [np.cos(seat.facing_rad), np.sin(seat.facing_rad)]
    for table in tables:
        covered = is_inside(ahead, table.top_xy)
        if covered.any():
            return Desk(table.top_m, float(steps_m[np.argmax(covered)]))
    return None


def _on_seat(person: Candidate, seat: SeatPlace, rng: np.random.Generator) -> Spot:
    """Feet are on the floor already, unless the seat is too high for them."""
    lift_m = max(seat.height_m - SQUASH_M - seat_height(person.mesh.vertices), -SQUASH_M)
    xy = seat.xy + rng.normal(0, 0.02, 2)
    return Spot(np.array([*xy, lift_m]), float(seat.facing_rad + rng.normal(0, 0.1)))


def _at_table(
    table: OccluderBody, edge_m: float, surroundings: Surroundings, rng: np.random.Generator
) -> Spot | None:
    """Outside an edge, facing it; longer edges are likelier. A chair may be drawn back a little."""
    edges = np.roll(table.top_xy, -1, axis=0) - table.top_xy
    lengths = np.linalg.norm(edges, axis=1)
    k = rng.choice(len(edges), p=lengths / lengths.sum())
    if lengths[k] < 2 * SEAT_ELBOW_ROOM_M:
        return None
    along = edges[k] / lengths[k]
    outward = np.array([along[1], -along[0]])
    at_edge = table.top_xy[k] + along * rng.uniform(SEAT_ELBOW_ROOM_M, lengths[k] - SEAT_ELBOW_ROOM_M)
    xy = at_edge + outward * (edge_m + rng.uniform(0, CHAIR_DRAWN_BACK_M))
    if rng.random() > surroundings.spread.likeliness_at(xy):
        return None
    facing_rad = np.arctan2(-outward[1], -outward[0]) + rng.normal(0, 0.12)
    return Spot(np.array([*xy, 0.0]), float(facing_rad))
