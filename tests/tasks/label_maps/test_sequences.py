"""Names say the drive, the city and the camera as each data set has it."""

import pytest

from tasks.label_maps.sequences import (
    Origin,
    of_camvid,
    of_cityscapes,
    of_frames,
    of_gopro,
    of_nothing,
    of_single_images,
    of_woodscape,
)


@pytest.mark.parametrize(
    ("read", "name", "origin"),
    [
        (of_cityscapes, "leftImg8bit/val/bad_ems/x.png", Origin("bad_ems", "bad_ems")),
        (of_cityscapes, "a/hamburg_000000_042505.png", Origin("hamburg_000000", "hamburg")),
        (of_gopro, "val/GOPR0356/GOPR0356_frame_000321.png", Origin("GOPR0356")),
        (of_gopro, "val/GP010476/other.png", Origin("GP010476")),
        (of_camvid, "0016E5_08159.png", Origin("0016E5")),
        (of_camvid, "Seq05VD_f00000.png", Origin("Seq05VD")),
        (of_woodscape, "rgbImages/0001_MVR.png", Origin(camera="MVR")),
        (of_woodscape, "rgbImages/0001.png", Origin()),
        (of_single_images, "a/0a0a0b1a-7c39d841.jpg", Origin("0a0a0b1a-7c39d841")),
        (of_nothing, "training/image_2/000000_10.png", Origin()),
        (of_frames, "images/0006R0_f00930.jpg", Origin("0006R0")),
        (of_frames, "train/images/drive-7/0001.png", Origin("train/drive-7")),
        (of_frames, "holiday.png", Origin("holiday")),
    ],
)
def test_a_name_says_where_an_image_is_from(read, name, origin):
    stem = name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    assert read(name, stem) == origin
