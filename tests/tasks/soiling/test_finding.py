import numpy as np
import pytest

from tasks.soiling.finding import measure_finding
from tests.tasks.soiling.small_sets import write_clean


def write_pair(folder, truth, said):
    images = write_clean(folder / "images", 1, side=8)
    np.save(images / "labels.npy", truth[None].astype(np.uint8))
    (folder / "said").mkdir()
    np.save(folder / "said" / "labels.npy", said[None].astype(np.uint8))
    return images, folder / "said"


def test_semi_transparent_and_opaque_soiling_is_to_be_found_and_transparent_one_is_not(tmp_path):
    truth, said = np.zeros((8, 8)), np.zeros((8, 8))
    truth[0], truth[1], truth[2] = 1, 2, 3  # 16 of 64 pixels count
    said[1], said[3], said[0, :4] = (
        3,
        2,
        1,
    )  # 8 are found, 8 are not soiled, and what is transparent does not count
    found = measure_finding(*write_pair(tmp_path, truth, said))
    assert found == pytest.approx({"iou": 8 / 24, "recall": 8 / 16, "precision": 8 / 16})


def test_pixels_of_which_nothing_is_known_do_not_count(tmp_path):
    truth, said = np.full((8, 8), 255), np.full((8, 8), 3)
    truth[0] = 3
    assert measure_finding(*write_pair(tmp_path, truth, said)) == {
        "iou": 1.0,
        "recall": 1.0,
        "precision": 1.0,
    }


def test_where_nothing_is_soiled_and_nothing_found_there_is_no_share(tmp_path):
    clear = np.zeros((8, 8))
    found = measure_finding(*write_pair(tmp_path, clear, clear))
    assert found == {"iou": None, "recall": None, "precision": None}
