import numpy as np

from tasks.cycle_segmentation.pictures import difference, hidden_pattern, shown_images


def test_a_smooth_latent_map_hides_nothing_and_a_fine_pattern_shows():
    smooth = np.ones((3, 16, 16), np.float32)
    assert np.ptp(hidden_pattern(smooth)) == 0
    marked = smooth.copy()
    marked[:, 8, 8] += 0.05
    shown = hidden_pattern(marked)[..., 0].astype(int)
    assert shown[8, 8] > shown[0, 0] + 30


def test_what_the_noise_took_away_is_grey_where_it_took_nothing():
    latent = np.full((2, 4, 4), 0.5, np.float32)
    noisy = latent.copy()
    noisy[:, 0, 0] = 0
    shown = difference(latent, noisy)
    assert shown[1, 1, 0] == 128 and shown[0, 0, 0] == 0


def test_few_images_are_all_shown():
    assert shown_images(2) == [0, 1] and shown_images(100) == [0, 33, 66, 99]
