import json

import pytest

from tasks.formats.label_maps import read_label_maps
from tasks.night.choosing import ChoiceConfig, choose_images
from tests.tasks.night.sets import write_set

LEVELS, SEQUENCES = (200, 38, 90, 60, 220, 45), ("a", "b", "c", "b", "a", "b")


def choose(tmp_path, **settings):
    candidates = write_set(tmp_path / "candidates", LEVELS, sequences=SEQUENCES)
    target = write_set(tmp_path / "target", (35, 45, 55), prefix="target_")
    choose_images.build(tmp_path, config=ChoiceConfig(**settings), candidates=candidates, target=target)
    chosen = json.loads((tmp_path / "choice.json").read_text())["chosen"]
    assert [record.name for record in read_label_maps(tmp_path).records] == sorted(chosen)
    return chosen


def test_by_histogram_the_nearest_brightness_comes_first(tmp_path):
    assert choose(tmp_path, method="histogram", count=2) == ["5.png", "1.png"]


@pytest.mark.parametrize("method", ["mean", "mahal", "greedy", "sequence"])
def test_by_features_images_like_the_target_are_chosen(tmp_path, method):
    chosen = choose(tmp_path, method=method, count=3, features={"network": "squeezenet1_1"})
    assert sorted(chosen) == ["1.png", "3.png", "5.png"]


def test_all_are_all_and_more_than_there_are_is_all(tmp_path):
    assert len(choose(tmp_path, method="all", count=1)) == 6


def test_a_target_among_the_candidates_is_refused(tmp_path):
    candidates, target = write_set(tmp_path / "candidates", LEVELS), write_set(tmp_path / "target", (35,))
    with pytest.raises(ValueError, match=r"1 image\(s\) are candidates and of the target, 0.png first"):
        choose_images.build(tmp_path, config=ChoiceConfig(), candidates=candidates, target=target)
