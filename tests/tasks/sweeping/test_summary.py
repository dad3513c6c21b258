import base64
import json

import cv2
import numpy as np
import pytest

from tasks.sweeping import summarise_point


def write_crops(folder, pixels, change=None):
    folder.mkdir()
    np.save(folder / "crops.npy", pixels)
    (folder / "crops.json").write_text(json.dumps([{}] * len(pixels)))
    if change is not None:
        (folder / "change.json").write_text(json.dumps({"mean_grey_levels": change}))
    return folder


@pytest.fixture
def parts(tmp_path):
    """Shards of 3, 1 and 0 crops; the refiner changed them by 2, 6 and 0 grey levels."""
    refiner = tmp_path / "refiner"
    refiner.mkdir()
    (refiner / "history.json").write_text(json.dumps([{"step": 20}, {"step": 37}]))
    stacks = [np.full((count, 32, 32, 3), grey, np.uint8) for count, grey in ((3, 40), (1, 200), (0, 0))]
    crops = [write_crops(tmp_path / f"crops{number}", stack) for number, stack in enumerate(stacks)]
    refined = [
        write_crops(tmp_path / f"refined{number}", stack + np.uint8(20), change)
        for number, (stack, change) in enumerate(zip(stacks, (2.0, 6.0, 0.0), strict=True))
    ]
    return {"refiner": refiner, "crops": crops, "refined_crops": refined, "measures": [], "evaluation": []}


def summarise(out, parts):
    summarise_point.build(out, config=None, **parts)
    return json.loads((out / "point.json").read_text())


def test_every_crop_counts_the_same_in_the_change(tmp_path, parts):
    content = summarise(tmp_path, parts)
    assert content["steps"] == 37
    assert content["figures"] == {"change_grey_levels": pytest.approx((3 * 2 + 6) / 4)}
    assert content["evaluation"] is None and content["warnings"] == []


def test_measures_and_scores_are_passed_on_under_their_names(tmp_path, parts):
    measures, evaluation = tmp_path / "measures", tmp_path / "evaluation"
    measures.mkdir()
    evaluation.mkdir()
    content = {"figures": {"frechet": 1.5}, "warnings": ["no change"], "extractor": "vgg16, random"}
    (measures / "measures.json").write_text(json.dumps(content))
    (evaluation / "evaluation.json").write_text(json.dumps({"scores": [{"arm": "S"}]}))
    found = summarise(tmp_path, parts | {"measures": [measures], "evaluation": [evaluation]})
    assert found["figures"]["frechet"] == 1.5 and found["extractor"] == "vgg16, random"
    assert found["warnings"] == ["no change"] and found["evaluation"] == {"scores": [{"arm": "S"}]}


def test_the_pictures_show_the_same_crops_of_all_shards_before_and_after(tmp_path, parts):
    content = summarise(tmp_path, parts)
    for name, grey in (("before", (40, 200)), ("after", (60, 220))):
        data = np.frombuffer(base64.b64decode(content[name].partition(",")[2]), np.uint8)
        image = cv2.imdecode(data, cv2.IMREAD_COLOR)
        assert image.shape[1] == 4 * image.shape[0]
        quarter = image.shape[0]
        assert image[:, : 3 * quarter - 4].mean() == pytest.approx(grey[0], abs=2)
        assert image[:, 3 * quarter + 4 :].mean() == pytest.approx(grey[1], abs=2)


def test_without_crops_there_is_no_picture(tmp_path, parts):
    empty = {"crops": parts["crops"][2:], "refined_crops": parts["refined_crops"][2:]}
    content = summarise(tmp_path, parts | empty)
    assert content["before"] is None and content["figures"] == {"change_grey_levels": 0.0}
