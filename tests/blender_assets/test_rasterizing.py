import numpy as np

from blender_assets.rasterizing import Window, first_distances, project_mesh, rasterize

# A square of 4 x 3 pixels at 5 m, and before its right half one of 2 x 3 pixels at 2 m to 4 m.
PIXELS = np.array([[1, 1], [5, 1], [5, 4], [1, 4], [3, 1], [5, 1], [5, 4], [3, 4]], dtype=float)
DISTANCES = np.array([5, 5, 5, 5, 2, 4, 4, 2], dtype=float)
QUADS = np.array([[0, 1, 2, 3], [4, 5, 6, 7]])
MESH = project_mesh(PIXELS, DISTANCES, QUADS)


def test_the_nearest_face_is_found_at_the_middle_of_every_pixel():
    raster = rasterize(MESH, Window(0, 0, 6, 5))
    np.testing.assert_array_equal(
        raster.face,
        [
            [-1, -1, -1, -1, -1, -1],
            [-1, 0, 0, 1, 1, -1],
            [-1, 0, 0, 1, 1, -1],
            [-1, 0, 0, 1, 1, -1],
            [-1, -1, -1, -1, -1, -1],
        ],
    )
    # Half a pixel and one and a half pixels into a slope of 1 m a pixel.
    np.testing.assert_allclose(raster.distance_m[2], [np.inf, 5, 5, 2.5, 3.5, np.inf])


def test_a_window_may_begin_outside_the_image_and_cut_the_mesh():
    raster = rasterize(MESH, Window(-2, 2, 4, 1))
    np.testing.assert_array_equal(raster.face, [[-1, -1, -1, 0]])


def test_only_chosen_faces_are_drawn():
    raster = rasterize(MESH, Window(0, 0, 6, 5), is_drawn=np.array([True, False]))
    assert set(np.unique(raster.face)) == {-1, 0}


def test_the_first_distance_is_exact_between_pixel_middles():
    np.testing.assert_allclose(
        first_distances(MESH, np.array([[3.25, 2.1], [1.1, 1.1], [0.5, 2]])), [2.25, 5, np.inf]
    )


def test_faces_with_a_corner_behind_the_camera_are_left_out():
    pixels = PIXELS.copy()
    pixels[5] = np.nan
    assert set(project_mesh(pixels, DISTANCES, QUADS).quad.tolist()) == {0}


def test_a_face_that_runs_the_other_way_round_covers_the_same_pixels():
    turned = project_mesh(PIXELS, DISTANCES, QUADS[:, ::-1])
    window = Window(0, 0, 6, 5)
    np.testing.assert_array_equal(rasterize(turned, window).face, rasterize(MESH, window).face)
