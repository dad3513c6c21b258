"""Puts people where people can be: on the floor, clear of each other and of furniture, in the camera's view.

Surfaces are sampled on a grid of cells, so a try costs a millisecond; meshes that share no neighbouring cell
cannot touch.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blender_assets.furniture import Chair, build_chair, seat_height
from blender_assets.people import PersonMesh
from blender_assets.people.poses import PoseKind
from blender_assets.settings import RenderSettings
from blender_assets.surroundings import OccluderBody, SeatPlace, Surroundings, edge_distance, is_inside

CELL_M = 0.04
TABLE_CLEARANCE_M = 0.015
SEAT_ELBOW_ROOM_M = 0.22
MAX_SEAT_LIFT_M = 0.10


@dataclass(frozen=True)
class Spot:
    """Where a person's origin goes and which way the person faces (radians, counter-clockwise from +x)."""

    xyz: NDArray[np.float64]
    facing_rad: float

    def move(self, points: NDArray[np.floating]) -> NDArray[np.float32]:
        """[n, 3] points of a person that faces -y at the origin -> world."""
        # A person at rest faces -y, which is -90 degrees.
        turn = self.facing_rad + np.pi / 2
        c, s = np.cos(turn), np.sin(turn)
        rotation = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
        return (points @ rotation + self.xyz).astype(np.float32)


@dataclass(frozen=True)
class PlacedPerson:
    """A person in the world: vertices [v, 3] metres; chair_vertices [c, 3] where a chair had to be added."""

    mesh: PersonMesh
    spot: Spot
    vertices: NDArray[np.float32]
    chair: Chair | None
    chair_vertices: NDArray[np.float32] | None


@dataclass(frozen=True)
class Candidate:
    """A person before placing, with the surface samples [n, 3] that are tested."""

    mesh: PersonMesh
    chair: Chair | None
    body_points: NDArray[np.float32]
    chair_points: NDArray[np.float32]

    @property
    def is_sitting(self) -> bool:
        return self.mesh.pose == "sitting"


MakePerson = Callable[[np.random.Generator, PoseKind], PersonMesh]


def place_people(
    surroundings: Surroundings, settings: RenderSettings, rng: np.random.Generator, make_person: MakePerson
) -> list[PlacedPerson]:
    """As many people as the settings draw; one for whom no free place is found is left out."""
    num_sitting = int(rng.integers(*settings.sitting_people, endpoint=True))
    num_standing = int(rng.integers(*settings.standing_people, endpoint=True))
    placed: list[PlacedPerson] = []
    occupied = np.empty(0, dtype=np.int64)
    free_seats = [surroundings.seats[k] for k in rng.permutation(len(surroundings.seats))]
    for k in range(num_sitting + num_standing):
        pose: PoseKind = "sitting" if k < num_sitting else "standing"
        mesh = make_person(rng, pose)
        seat = free_seats.pop() if pose == "sitting" and free_seats else None
        person = _place(mesh, seat, surroundings, settings, occupied, rng)
        if person is not None:
            placed.append(person)
            occupied = np.union1d(occupied, _dilated_cells(_placed_points(person)))
    return placed


def _place(
    mesh: PersonMesh,
    seat: SeatPlace | None,
    surroundings: Surroundings,
    settings: RenderSettings,
    occupied: NDArray[np.int64],
    rng: np.random.Generator,
) -> PlacedPerson | None:
    chair = build_chair(mesh.vertices, rng) if mesh.pose == "sitting" and seat is None else None
    candidate = Candidate(
        mesh=mesh,
        chair=chair,
        body_points=surface_points(mesh.vertices, mesh.quads),
        chair_points=_chair_points(chair),
    )
    for _ in range(settings.placement_tries):
        spot = _draw_spot(candidate, seat, surroundings, settings, rng)
        if spot is not None and _is_free(candidate, spot, seat, surroundings, settings, occupied):
            chair_vertices = None if chair is None else spot.move(chair.vertices)
            return PlacedPerson(mesh, spot, spot.move(mesh.vertices), chair, chair_vertices)
    return None


def _draw_spot(
    candidate: Candidate,
    seat: SeatPlace | None,
    surroundings: Surroundings,
    settings: RenderSettings,
    rng: np.random.Generator,
) -> Spot | None:
    if seat is not None:
        lift_m = seat.height_m - seat_height(candidate.mesh.vertices)
        lift_m = float(np.clip(lift_m, -MAX_SEAT_LIFT_M, MAX_SEAT_LIFT_M))
        facing_rad = seat.facing_rad + rng.normal(0, 0.1)
        return Spot(np.array([*(seat.xy + rng.normal(0, 0.02, 2)), lift_m]), facing_rad)
    tables = [o for o in surroundings.occluders if not o.is_solid]
    if candidate.is_sitting and tables and rng.random() < settings.table_share:
        return _draw_spot_at_table(tables[rng.integers(len(tables))], rng)
    low, high = surroundings.floor_xy.min(axis=0), surroundings.floor_xy.max(axis=0)
    xy = rng.uniform(low, high)
    return Spot(np.array([*xy, 0.0]), rng.uniform(0, 2 * np.pi))


def _draw_spot_at_table(table: OccluderBody, rng: np.random.Generator) -> Spot | None:
    """Outside an edge, facing it; longer edges are likelier."""
    edges = np.roll(table.top_xy, -1, axis=0) - table.top_xy
    lengths = np.linalg.norm(edges, axis=1)
    k = rng.choice(len(edges), p=lengths / lengths.sum())
    if lengths[k] < 2 * SEAT_ELBOW_ROOM_M:
        return None
    along = edges[k] / lengths[k]
    outward = np.array([along[1], -along[0]])
    at_edge = table.top_xy[k] + along * rng.uniform(SEAT_ELBOW_ROOM_M, lengths[k] - SEAT_ELBOW_ROOM_M)
    xy = at_edge + outward * rng.uniform(0.08, 0.5)
    facing_rad = np.arctan2(-outward[1], -outward[0]) + rng.normal(0, 0.15)
    return Spot(np.array([*xy, 0.0]), float(facing_rad))


def _is_free(
    candidate: Candidate,
    spot: Spot,
    seat: SeatPlace | None,
    surroundings: Surroundings,
    settings: RenderSettings,
    occupied: NDArray[np.int64],
) -> bool:
    """The cheap tests come first."""
    if seat is None and not _stands_on_floor(candidate, spot, surroundings):
        return False
    body, chair = spot.move(candidate.body_points), spot.move(candidate.chair_points)
    # A seat of the photo belongs to its table as it is; the person's hands may rest on that table.
    if seat is None and any(
        _is_blocked(body, chair, o, candidate.is_sitting) for o in surroundings.occluders
    ):
        return False
    if np.isin(cells(np.concatenate([body, chair])), occupied).any():
        return False
    return _is_in_view(candidate, spot, body, surroundings, settings)


def _stands_on_floor(candidate: Candidate, spot: Spot, surroundings: Surroundings) -> bool:
    if not candidate.is_sitting:
        soles = candidate.body_points[candidate.body_points[:, 2] < 0.08]
        return bool(is_inside(spot.move(soles)[:, :2], surroundings.floor_xy).all())
    angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    around = np.stack([0.3 * np.cos(angles), 0.3 * np.sin(angles)], axis=1) + spot.xyz[:2]
    on_floor = is_inside(around, surroundings.floor_xy)
    for occluder in surroundings.occluders:
        on_floor |= is_inside(around, occluder.top_xy)
    return bool(on_floor.all() and is_inside(spot.xyz[None, :2], surroundings.floor_xy)[0])


def _is_blocked(
    body: NDArray[np.float32], chair: NDArray[np.float32], occluder: OccluderBody, is_sitting: bool
) -> bool:
    """Standing people keep out of the footprint up to the top; sitting ones only out of the body itself."""
    bottom_m = occluder.bottom_m - TABLE_CLEARANCE_M if is_sitting else 0.0
    points = np.concatenate([body, chair])
    z = points[:, 2]
    level = points[(z > bottom_m) & (z < occluder.top_m + TABLE_CLEARANCE_M)]
    low, high = occluder.top_xy.min(axis=0) - CELL_M, occluder.top_xy.max(axis=0) + CELL_M
    near = level[((level[:, :2] > low) & (level[:, :2] < high)).all(axis=1), :2]
    if not len(near):
        return False
    # Samples lie half a cell apart, so what is nearer than that to an edge may cross it.
    is_touching = is_inside(near, occluder.top_xy) | (edge_distance(near, occluder.top_xy) < CELL_M / 2)
    return bool(is_touching.any())


def _is_in_view(
    candidate: Candidate,
    spot: Spot,
    body: NDArray[np.float32],
    surroundings: Surroundings,
    settings: RenderSettings,
) -> bool:
    """Mostly in the image, head too, and nothing of the person at or above the camera's own height."""
    camera = surroundings.camera
    head = spot.move(candidate.mesh.vertices[candidate.mesh.head_vertices[::20]])
    if np.linalg.norm(body - camera.position(), axis=1).min() < 0.3:
        return False
    shares = [camera.sees(camera.project(points)).mean() for points in (body, head)]
    return min(shares) >= settings.min_share_in_image


def surface_points(vertices: NDArray[np.floating], quads: NDArray[np.integer]) -> NDArray[np.float32]:
    """Vertices, edge middles and face centres thinned to one a half cell, [n, 3]."""
    corners = vertices[quads]
    centres = corners.mean(axis=1)
    middles = (corners + np.roll(corners, -1, axis=1)).reshape(-1, 3) / 2
    points = np.concatenate([vertices[np.unique(quads)], centres, middles])
    _, first = np.unique(cells(points, cell_m=CELL_M / 2), return_index=True)
    return points[np.sort(first)].astype(np.float32)


def cells(points: NDArray[np.floating], *, cell_m: float = CELL_M) -> NDArray[np.int64]:
    """[n, 3] -> [n] one integer for each cell of a grid that covers some kilometres."""
    return _encode(np.floor(points / cell_m).astype(np.int64))


def _encode(index: NDArray[np.int64]) -> NDArray[np.int64]:
    shifted = index + (1 << 20)
    return (shifted[:, 0] << 42) | (shifted[:, 1] << 21) | shifted[:, 2]


def _dilated_cells(points: NDArray[np.floating]) -> NDArray[np.int64]:
    """The cells of points and their 26 neighbours, unique."""
    index = np.unique(np.floor(points / CELL_M).astype(np.int64), axis=0)
    steps = np.array([[i, j, k] for i in (-1, 0, 1) for j in (-1, 0, 1) for k in (-1, 0, 1)])
    return np.unique(_encode((index[:, None] + steps).reshape(-1, 3)))


def _placed_points(person: PlacedPerson) -> NDArray[np.float32]:
    chair = person.spot.move(_chair_points(person.chair))
    return np.concatenate([surface_points(person.vertices, person.mesh.quads), chair])


def _chair_points(chair: Chair | None) -> NDArray[np.float32]:
    """The chair's faces are large, so every quad is sampled as a grid."""
    if chair is None:
        return np.empty((0, 3), dtype=np.float32)
    a, b, c, d = (chair.vertices[chair.quads[:, k]][:, None] for k in range(4))
    t = np.linspace(0, 1, 12)
    u, v = (axis.reshape(1, -1, 1) for axis in np.meshgrid(t, t))
    points = ((1 - u) * (1 - v) * a + u * (1 - v) * b + u * v * c + (1 - u) * v * d).reshape(-1, 3)
    _, first = np.unique(cells(points), return_index=True)
    return points[np.sort(first)].astype(np.float32)
