import base64
import json

import cv2
import numpy as np
import pytest

from tasks.datasets.annotations import AnnotatedImage, write_coco
from tasks.sweeping.summary import SummaryConfig, summarise_point


def write_crops(folder, pixels):
    folder.mkdir()
    np.save(folder / "crops.npy", pixels)
    return folder


@pytest.fixture
def parts(tmp_path):
    """Shards of 3, 1 and 0 crops, which the refiner made brighter by 20 grey levels."""
    refiner, measures = tmp_path / "refiner", tmp_path / "measures"
    refiner.mkdir()
    (refiner / "history.json").write_text(json.dumps([{"step": 20}, {"step": 37}]))
    measures.mkdir()
    measured = {"figures": {"frechet": 1.5}, "warnings": ["no change"], "extractor": "vgg16, random weights"}
    measured |= {"num_compared": 4}
    (measures / "measures.json").write_text(json.dumps(measured))
    stacks = [np.full((count, 32, 32, 3), grey, np.uint8) for count, grey in ((3, 40), (1, 200), (0, 0))]
    return {
        "refiner": refiner,
        "crops": [write_crops(tmp_path / f"crops{index}", stack) for index, stack in enumerate(stacks)],
        "refined_crops": [
            write_crops(tmp_path / f"refined{index}", stack + np.uint8(20))
            for index, stack in enumerate(stacks)
        ],
        "measures": measures,
        "scenes": [write_images(tmp_path / "s0", 2), write_images(tmp_path / "s1", 3)],
        "real": write_images(tmp_path / "real", 4),
        "leaks": write_leaks(tmp_path / "leaks"),
        "detectors": [],
        "evaluation": [],
    }


def write_images(folder, count):
    folder.mkdir()
    write_coco(
        folder / "annotations.json", [AnnotatedImage(f"{n}.png", 8, 8, (4.0, 4.0)) for n in range(count)]
    )
    return folder


LEAKS = {
    "pairs": ["a.png (train) and b.png (test) differ in 3 of 1024 bits"],
    "cut_clips": [],
    "left_out": [],
}


def write_leaks(folder):
    folder.mkdir()
    (folder / "leaks.json").write_text(json.dumps(LEAKS))
    return folder


def summarise(out, parts, config=None):
    summarise_point.build(out, config=config or SummaryConfig(), **parts)
    return json.loads((out / "point.json").read_text())


def test_steps_and_measures_are_passed_on_under_their_names(tmp_path, parts):
    content = summarise(tmp_path, parts)
    assert (content["steps"], content["figures"]) == (37, {"frechet": 1.5})
    assert (content["warnings"], content["extractor"]) == (["no change"], "vgg16, random weights")
    assert content["evaluation"] is None and content["validation"] == {} and content["pca"] is None
    assert content["leaks"] == LEAKS
    assert (content["num_scenes"], content["num_real"], content["num_compared"]) == (5, 4, 4)


def write_evaluation(folder, evaluation):
    folder.mkdir()
    (folder / "evaluation.json").write_text(json.dumps(evaluation))
    (folder / "statistics.json").write_text(json.dumps({"clips": ["a"]}))
    return folder


def test_scores_are_passed_on_and_validation_curves_told_apart_by_arm_and_seed(tmp_path, parts):
    folders = []
    for number in range(4):
        folders.append(tmp_path / f"detector{number}")
        folders[-1].mkdir()
        history = [{"step": 5, "loss": 1.0}, {"step": 10, "val_f1": number / 10}]
        (folders[-1] / "history.json").write_text(json.dumps(history))
    evaluation = {"scores": [{"arm": "S"}, {"arm": "S+"}]}
    scored = {"detectors": folders, "evaluation": [write_evaluation(tmp_path / "evaluation", evaluation)]}
    content = summarise(tmp_path, parts | scored, SummaryConfig(seeds=(0, 1)))
    assert (content["evaluation"], content["statistics"]) == (evaluation, {"clips": ["a"]})
    assert content["steps"] == 37  # of the refiner
    assert content["validation"] == {"S": [[[10, 0.0]], [[10, 0.1]]], "S+": [[[10, 0.2]], [[10, 0.3]]]}


def test_principal_components_are_passed_on_where_there_are_any(tmp_path, parts):
    (parts["measures"] / "pca.json").write_text(json.dumps({"pool2": {"cS": [[1, 2]]}}))
    assert summarise(tmp_path, parts)["pca"] == {"pool2": {"cS": [[1, 2]]}}


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
    assert content["before"] is None and content["after"] is None
