import numpy as np

from models.translation.monitoring.grids import tile


def test_tiles_are_separated_by_thin_white_gaps():
    images = np.zeros((2, 4, 6, 3), np.uint8)
    picture = tile([images, images])
    assert picture.shape == (10, 14, 3)
    assert (picture[4:6] == 255).all() and (picture[:, 6:8] == 255).all()
    assert picture[:4, :6].max() == 0
