import io

import numpy as np
from PIL import Image

from tasks.images.files import write_png
from tasks.sites.describing.shown_photo import shown_photo


def test_a_photo_is_shown_in_its_own_size_and_a_huge_one_smaller(tmp_path):
    for width, shown_px in ((300, 300), (5000, 4000)):
        write_png(tmp_path / "a.png", np.full((100, width, 3), (10, 200, 90), np.uint8))
        shown = Image.open(io.BytesIO(shown_photo(tmp_path / "a.png")))
        assert (shown.format, shown.width) == ("JPEG", shown_px)
        assert np.abs(np.asarray(shown)[5, 5].astype(int) - (10, 200, 90)).max() < 6
