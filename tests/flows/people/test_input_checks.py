import json
from pathlib import Path

import numpy as np
import pytest

from flows.people.input_checks import check_inputs
from flows.people.run_files import load_run_config
from tasks.datasets.real_images import plan_splits
from tasks.images.files import read_image, write_png
from tests.flows.tiny_site import write_tiny_site


@pytest.fixture
def site(tmp_path):
    """A run whose clip1 holds a brightened copy of an image of clip0, which goes to another split."""
    path = write_tiny_site(tmp_path)
    brighter = read_image(tmp_path / "real/clip0_000.png").astype(int) + 6
    write_png(tmp_path / "real/clip1_002.png", np.clip(brighter, 0, 255).astype(np.uint8))
    return path


ENOUGH = "refiner.epochs=250"  # of 2 crops: shorter refiners are told, too


def test_a_leak_between_splits_is_one_warning_with_both_files_and_splits(site, capsys):
    check_inputs([load_run_config(site, [ENOUGH])])
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("warning: images of different splits look like copies: clip")
    assert "clip0_000.png (" in line and "clip1_002.png (" in line


def test_a_leak_is_an_error_where_asked_and_nothing_is_said_of_splits_without_any(site, capsys):
    with pytest.raises(ValueError, match=r"leaks is error, and .*clip1_002\.png"):
        check_inputs([load_run_config(site, ["real_images.leaks=error"])])
    check_inputs([load_run_config(write_tiny_site(site.parent), ["real_images.leaks=error", ENOUGH])])
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (
            "R_train:999",
            r"arms asks for 999 images of R_train, but there are \d+; ask for fewer, or annotate more",
        ),
        (
            "S+:999",
            r"arms asks for 999 images of S\+, but there are \d+; .* raise render\.scenes_per_background",
        ),
    ],
)
def test_an_arm_that_asks_for_more_images_than_there_are_is_refused_at_once(site, part, words):
    with pytest.raises(ValueError, match=words):
        check_inputs([load_run_config(site, [f'arms=[["{part}"]]'])])
    check_inputs([load_run_config(site, ['arms=[["R_train:1"], ["S:2"]]'])])


@pytest.mark.parametrize("split", ["train", "val"])
def test_a_split_without_a_box_to_find_is_refused_at_once(site, split):
    config = load_run_config(site, [])
    assert config.real_images is not None
    path = config.real_images.annotations
    content = json.loads(Path(path).read_text())
    splits = plan_splits(config.real_images, Path(), Path(str(config.site)))
    names = next(found.file_names for found, _ in splits if found.split == split)
    bare = {image["id"] for image in content["images"] if image["file_name"] in names}
    content["annotations"] = [box for box in content["annotations"] if box["image_id"] not in bare]
    Path(path).write_text(json.dumps(content))
    with pytest.raises(ValueError, match=rf"none of the \d+ images of the split '{split}' has a head box"):
        check_inputs([config])


def test_what_is_left_out_of_the_annotations_is_counted_in_one_line(site, capsys):
    write_tiny_site(site.parent)
    path = site.parent / "real.json"
    content = json.loads(path.read_text())
    content["categories"].append({"id": 2, "name": "chair"})
    content["annotations"] += [
        {"id": 90 + k, "image_id": k, "category_id": 2, "bbox": [1, 1, 5, 5]} for k in range(3)
    ]
    content["annotations"].append({"id": 99, "image_id": 0, "category_id": 1, "bbox": [1, 1, 0, 5]})
    path.write_text(json.dumps(content))
    check_inputs([load_run_config(site, [ENOUGH])])
    assert capsys.readouterr().err.splitlines() == [
        "warning: 4 annotated boxes are left out, as they are no heads and persons: "
        "chair 3, less than a pixel wide or high 1"
    ]
