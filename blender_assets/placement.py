"""Whether a person can be at a spot: on the floor, clear of everyone and of furniture, in the camera's view.

Surfaces are sampled on a grid of cells, so a try costs a millisecond; meshes that share no neighbouring cell
cannot touch.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blender_assets.furniture import Chair, build_chair
from blender_assets.occupancy import CELL_M, Occupancy, panel_points, surface_points
from blender_assets.people.pieces import PersonMesh
from blender_assets.polygons import edge_distance, is_inside
from blender_assets.settings import RenderSettings
from blender_assets.surroundings import OccluderBody, SeatPlace, Surroundings

TABLE_CLEARANCE_M = 0.015
CHAIR_REACH_M = 0.45
OUTLINE_POINTS = 24
VIEW_STRIDE = 8  # one of so many surface points is looked for in the image
NO_POINTS = np.empty((0, 3), dtype=np.float32)


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
    """A person before placing, with the surface samples [n, 3] that are tested; seat is one of the photo."""

    mesh: PersonMesh
    seat: SeatPlace | None
    chair: Chair | None
    body_points: NDArray[np.float32]
    chair_points: NDArray[np.float32]
    outline_xy: NDArray[np.float32]  # [k, 2] of body and chair, seen from above

    @property
    def is_sitting(self) -> bool:
        return self.mesh.pose == "sitting"

    def at(self, spot: Spot) -> PlacedPerson:
        chair_vertices = None if self.chair is None else spot.move(self.chair.vertices)
        return PlacedPerson(self.mesh, spot, spot.move(self.mesh.vertices), self.chair, chair_vertices)

    def points_at(self, spot: Spot) -> NDArray[np.float32]:
        """[n, 3] of body and chair."""
        return spot.move(np.concatenate([self.body_points, self.chair_points]))


@dataclass(frozen=True)
class Room:
    """A place with who is in it already."""

    surroundings: Surroundings
    settings: RenderSettings
    occupancy: Occupancy

    def admits(self, candidate: Candidate, spot: Spot) -> bool:
        """The cheap tests come first."""
        surroundings, settings = self.surroundings, self.settings
        if candidate.seat is None and (
            _is_in_a_chair(spot, surroundings) or not _is_on_floor(candidate, spot, surroundings, settings)
        ):
            return False
        if not _is_in_view(candidate, spot, surroundings, settings):
            return False
        points = candidate.points_at(spot)
        if self.occupancy.touches(points):
            return False
        # A seat of the photo belongs to its table as it is; the person's hands may rest on that table.
        return candidate.seat is not None or not any(
            _is_blocked(points, occluder, candidate.is_sitting) for occluder in surroundings.occluders
        )


def take_candidate(mesh: PersonMesh, seat: SeatPlace | None, rng: np.random.Generator) -> Candidate:
    """A sitting person without a seat of the photo gets a chair."""
    chair = build_chair(mesh.vertices, rng) if mesh.pose == "sitting" and seat is None else None
    body = surface_points(mesh.vertices, mesh.quads)
    chair_points = NO_POINTS if chair is None else panel_points(chair.vertices, chair.quads)
    outline_xy = _outline(np.concatenate([body, chair_points])[:, :2])
    return Candidate(mesh, seat, chair, body, chair_points, outline_xy)


def _outline(points_xy: NDArray[np.float32]) -> NDArray[np.float32]:
    """The points [k, 2] that reach farthest in each of k directions."""
    angles = np.linspace(0, 2 * np.pi, OUTLINE_POINTS, endpoint=False)
    reach = points_xy @ np.stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    return points_xy[reach.argmax(axis=0)]


def _is_in_a_chair(spot: Spot, surroundings: Surroundings) -> bool:
    """Whether a chair of the photo stands there, of which no more is known than the middle of its seat."""
    return any(np.hypot(*(spot.xyz[:2] - seat.xy)) < CHAIR_REACH_M for seat in surroundings.seats)


def _is_on_floor(
    candidate: Candidate, spot: Spot, surroundings: Surroundings, settings: RenderSettings
) -> bool:
    if not is_inside(spot.xyz[None, :2], surroundings.floor_xy)[0]:
        return False
    is_whole = settings.crowd.keeps_whole_body_over_floor or candidate.mesh.pose == "lying"
    if is_whole:
        outline = np.column_stack([candidate.outline_xy, np.zeros(len(candidate.outline_xy))])
        points = spot.move(outline)[:, :2]
        # A corner that juts into the floor can lie between the farthest points of a body.
        if not candidate.is_sitting and is_inside(surroundings.floor_xy, points).any():
            return False
    elif candidate.is_sitting:
        angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
        points = spot.xyz[:2] + 0.3 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    else:
        points = spot.move(candidate.body_points[candidate.body_points[:, 2] < 0.08])[:, :2]
    return bool(_is_over_ground(points, surroundings, may_cover_tables=candidate.is_sitting).all())


def _is_over_ground(
    points_xy: NDArray[np.floating], surroundings: Surroundings, *, may_cover_tables: bool
) -> NDArray[np.bool_]:
    """[n, 2] -> [n]. Floors are often drawn around tables, under which the floor goes on."""
    is_over = is_inside(points_xy, surroundings.floor_xy)
    if may_cover_tables:
        for occluder in surroundings.occluders:
            is_over |= is_inside(points_xy, occluder.top_xy)
    return is_over


def _is_blocked(points: NDArray[np.float32], occluder: OccluderBody, is_sitting: bool) -> bool:
    """Standing people keep out of the footprint up to the top; sitting ones only out of the body itself."""
    bottom_m = occluder.bottom_m - TABLE_CLEARANCE_M if is_sitting else 0.0
    # Hands rest on tables at which people sit; samples are rounded by a quarter of a cell.
    may_rest = is_sitting and not occluder.is_solid
    top_m = occluder.top_m + (-CELL_M / 4 if may_rest else TABLE_CLEARANCE_M)
    z = points[:, 2]
    level = points[(z > bottom_m) & (z < top_m)]
    low, high = occluder.top_xy.min(axis=0) - CELL_M, occluder.top_xy.max(axis=0) + CELL_M
    near = level[((level[:, :2] > low) & (level[:, :2] < high)).all(axis=1), :2]
    if not len(near):
        return False
    # Samples lie half a cell apart, so what is nearer than that to an edge may cross it.
    is_touching = is_inside(near, occluder.top_xy) | (edge_distance(near, occluder.top_xy) < CELL_M / 2)
    return bool(is_touching.any())


def _is_in_view(
    candidate: Candidate, spot: Spot, surroundings: Surroundings, settings: RenderSettings
) -> bool:
    """Mostly in the image, head too, and nothing of the person at or above the camera's own height."""
    camera = surroundings.camera
    body = spot.move(candidate.body_points[::VIEW_STRIDE])
    head = spot.move(candidate.mesh.vertices[candidate.mesh.head_vertices[::20]])
    if np.linalg.norm(body - camera.position(), axis=1).min() < 0.3:
        return False
    shares = [camera.sees(camera.project(points)).mean() for points in (body, head)]
    return min(shares) >= settings.min_share_in_image
