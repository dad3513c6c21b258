import numpy as np

from tasks.images.drawing import BLACK, GREEN, draw_findings


def test_a_finding_is_a_green_line_between_black_ones():
    image = np.full((60, 80, 3), 200, np.uint8)
    drawn = draw_findings(image, [[20, 15, 60, 45]], GREEN)
    row = drawn[30]
    is_green, is_black = (row == GREEN).all(1), (row == BLACK).all(1)
    assert is_green[20] and is_green[59]
    first, last = np.flatnonzero(is_green[:40])[[0, -1]]
    assert is_black[first - 1] and is_black[last + 1]
    assert (row[40] == 200).all() and (row[5] == 200).all()
    assert (image == 200).all()  # a copy was drawn on
