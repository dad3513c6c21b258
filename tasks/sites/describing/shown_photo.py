"""A photo as a browser shows it."""

from pathlib import Path

import cv2

from tasks.images.files import encode_jpeg, read_image

_LARGEST_PX = 4000  # of the longer side; a larger photo is shown scaled down


def shown_photo(path: Path) -> bytes:
    """JPEG bytes of a photo of any kind that is read here."""
    image = read_image(path)
    share = _LARGEST_PX / max(image.shape[:2])
    if share < 1:
        image = cv2.resize(image, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    return encode_jpeg(image, quality=92)
