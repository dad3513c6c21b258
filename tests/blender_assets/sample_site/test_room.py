import numpy as np
import pytest

from blender_assets.sample_site import furniture, room
from blender_assets.sample_site.solids import MATERIALS, Solid, box, lathe, tipped, turned


def extent(solids: list[Solid]) -> tuple[np.ndarray, np.ndarray]:
    points = np.concatenate([solid.vertices for solid in solids])
    return points.min(axis=0), points.max(axis=0)


def outward(solid: Solid) -> np.ndarray:
    """Sign [f] of each face normal against the direction from the solid's centre."""
    corners = solid.vertices[solid.quads]
    normals = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    return np.einsum("fa,fa->f", normals, corners.mean(axis=1) - solid.vertices.mean(axis=0))


def test_boxes_and_lathes_face_outward() -> None:
    assert (outward(box((1, 2, 3), (5, 5, 5), (1, 1, 1))) > 0).all()
    assert (outward(lathe([(0.001, 0), (1, 0), (1, 2), (0.001, 2)], (0, 0, 0), (1, 1, 1))) > 0).all()


def test_turning_goes_counter_clockwise_and_tipping_lifts_the_far_side() -> None:
    east = box((0.0, 0.0, 0.0), (1, 0, 0), (1, 1, 1))
    assert turned([east], degrees=90, at=(0, 0, 2))[0].vertices[0] == pytest.approx([0, 1, 2], abs=1e-9)
    north = box((0.0, 0.0, 0.0), (0, 1, 0), (1, 1, 1))
    assert tipped(north, degrees=90, pivot=(0, 0, 0)).vertices[0] == pytest.approx([0, 0, 1], abs=1e-9)


def test_tops_of_desks_are_at_their_stated_height_and_size() -> None:
    low, high = extent(furniture.desk(1.5, 0.75, furniture.OAK))
    assert high[2] == pytest.approx(furniture.DESK_HEIGHT_M)
    assert (high - low)[:2] == pytest.approx([1.5, 0.75])


def test_all_furniture_stands_inside_the_room_above_the_floor() -> None:
    for solids in (room.build_furniture(), *(room.build_clutter(time) for time in room.TIMES)):
        low, high = extent(solids)
        assert low[2] > -0.01 and high[2] < room.CEILING_M
        assert (low[:2] > -0.05).all()
        assert high[0] < room.WIDTH_M + 0.05 and high[1] < room.DEPTH_M + 0.05


def test_the_room_is_the_same_every_time_and_the_clutter_differs_over_the_day() -> None:
    first, again = room.build_furniture(), room.build_furniture()
    assert all((a.vertices == b.vertices).all() for a, b in zip(first, again, strict=True))
    morning, noon = (extent(room.build_clutter(time)) for time in ("morning", "noon"))
    assert not np.allclose(morning, noon)


def test_clutter_lies_elsewhere_on_another_day() -> None:
    first, second = (extent(room.build_clutter("noon", day)) for day in (0, 1))
    assert np.allclose(first, extent(room.build_clutter("noon")))
    assert not np.allclose(first, second)


def test_every_solid_has_one_color_a_face_and_a_known_material() -> None:
    for solid in [*room.build_shell(), *room.build_furniture(), *room.build_clutter("noon")]:
        assert solid.colors.shape == (len(solid.quads), 3)
        assert solid.material in MATERIALS
        assert solid.quads.max() < len(solid.vertices)


def test_sitters_face_the_desk_that_they_sit_at() -> None:
    surfaces = room.list_surfaces()
    for seat in room.list_seats():
        facing = np.array([np.cos(np.radians(seat.facing_deg)), np.sin(np.radians(seat.facing_deg))])
        ahead = np.array(seat.xy) + 0.6 * facing
        assert any((np.abs(ahead - s.centre) <= np.array(s.size_m) / 2).all() for s in surfaces)
        assert not any(
            (np.abs(np.array(seat.xy) - s.centre) < np.array(s.size_m) / 2).all() for s in surfaces
        )
