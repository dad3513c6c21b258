"""Pictures of many images."""

import numpy as np

_GAP_PX = 2


def tile(rows_nhwc: list[np.ndarray]) -> np.ndarray:
    """uint8 [h, w, 3]: rows of equally many images of one size, with thin white gaps."""
    height, width = rows_nhwc[0].shape[1:3]
    rows, columns = len(rows_nhwc), len(rows_nhwc[0])
    shape = (rows * (height + _GAP_PX) - _GAP_PX, columns * (width + _GAP_PX) - _GAP_PX, 3)
    canvas = np.full(shape, 255, np.uint8)
    for row, images in enumerate(rows_nhwc):
        for column, image in enumerate(images):
            top, left = row * (height + _GAP_PX), column * (width + _GAP_PX)
            canvas[top : top + height, left : left + width] = image
    return canvas
