import numpy as np
import pytest

from blender_assets.sample_street.classes import StreetClass
from blender_assets.sample_street.records import describe_things, make_maps

CLASSES = [StreetClass.SKY, StreetClass.ROAD, StreetClass.VOID, StreetClass.CAR, StreetClass.RIDER]
NUMBERS = np.array([[0, 0, 4, 4], [1, 3, 3, 4], [1, 2, 3, 1]], dtype=np.int32)
DEPTH_M = np.array(
    [[np.inf, np.inf, 9.0, 9.5], [4.0, 7.126, 7.0, 9.25], [3.0, 2.5, 6.904, 700.0]], dtype=np.float32
)


def test_numbers_become_classes_instances_and_centimetres():
    maps = make_maps(NUMBERS, DEPTH_M, CLASSES, first_thing=3)
    assert maps.labels.tolist() == [[10, 10, 12, 12], [0, 13, 13, 12], [0, 255, 13, 0]]
    assert maps.instances.tolist() == [[0, 0, 2, 2], [0, 1, 1, 2], [0, 0, 1, 0]]
    assert maps.depth_cm.tolist() == [[0, 0, 900, 950], [400, 713, 700, 925], [300, 250, 690, 65535]]
    assert (maps.labels.dtype, maps.instances.dtype, maps.depth_cm.dtype) == (np.uint8, np.uint16, np.uint16)


def test_things_are_described_by_what_is_seen_of_them():
    car, rider = describe_things(make_maps(NUMBERS, DEPTH_M, CLASSES, first_thing=3))
    assert car == {"number": 1, "class": "car", "pixels": 3, "box_xyxy": [1, 1, 3, 3], "nearest_m": 6.9}
    assert (rider["class"], rider["box_xyxy"], rider["nearest_m"]) == (
        "rider",
        [2, 0, 4, 2],
        pytest.approx(9.0),
    )
