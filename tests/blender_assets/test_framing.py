import numpy as np

from blender_assets.framing import LEAST_PX, MARGIN_PX, mask_box, people_box
from blender_assets.lens.camera import Camera
from blender_assets.lens.pinhole import Perspective
from blender_assets.people.body import BodyBasis
from blender_assets.people.person import generate_person
from blender_assets.people.phenotypes import PeopleSettings
from blender_assets.placement import PlacedPerson, Spot

CAMERA = Camera(lens=Perspective(model="perspective", hfov_deg=60), width_px=320, height_px=240, height_m=8)


def placed(basis: BodyBasis, x: float, y: float) -> PlacedPerson:
    mesh = generate_person(
        basis, np.random.default_rng(0), pose_kind="standing", settings=PeopleSettings.model_validate({})
    )
    spot = Spot(xyz=np.array([x, y, 0.0]), facing_rad=0.0)
    return PlacedPerson(
        mesh=mesh, spot=spot, vertices=spot.move(mesh.vertices), chair=None, chair_vertices=None
    )


def test_the_box_holds_every_vertex_with_a_margin(body_basis):
    people = [placed(body_basis, -1.0, 0.5), placed(body_basis, 1.5, -1.0)]
    x0, y0, x1, y1 = people_box(CAMERA, people)
    pixels = CAMERA.project(np.concatenate([person.vertices for person in people]))
    assert np.array_equal(np.floor(pixels.min(axis=0)), [x0 + MARGIN_PX, y0 + MARGIN_PX])
    assert np.array_equal(np.ceil(pixels.max(axis=0)), [x1 - MARGIN_PX, y1 - MARGIN_PX])


def test_a_person_half_out_of_the_image_gives_a_box_within_it(body_basis):
    edge = CAMERA.pixels_to_plane([[0.0, 120.0]], 0.0)[0]
    x0, _, x1, _ = people_box(CAMERA, [placed(body_basis, edge[0], edge[1])])
    assert x0 == 0 < x1 < 160


def test_a_person_partly_behind_the_camera_asks_for_the_whole_image(body_basis):
    low = Camera(lens=CAMERA.lens, width_px=320, height_px=240, height_m=1.0, tilt_deg=60)
    assert people_box(low, [placed(body_basis, 0.0, -0.2)]) == (0, 0, 320, 240)


def test_nobody_and_an_empty_mask_ask_for_the_least_that_can_be_rendered():
    least = (0, 0, LEAST_PX, LEAST_PX)
    assert people_box(CAMERA, []) == mask_box(np.zeros((20, 20), dtype=bool)) == least


def test_a_box_at_the_far_edge_is_moved_inwards():
    mask = np.zeros((60, 80), dtype=bool)
    mask[59, 79] = True
    assert mask_box(mask) == (80 - LEAST_PX, 60 - LEAST_PX, 80, 60)


def test_the_box_of_a_mask_ends_behind_its_last_pixels():
    mask = np.zeros((60, 80), dtype=bool)
    mask[20:31, 40:55] = True
    assert mask_box(mask) == (40 - MARGIN_PX, 20 - MARGIN_PX, 55 + MARGIN_PX, 31 + MARGIN_PX)
