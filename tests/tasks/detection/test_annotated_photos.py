import pytest

from tasks.datasets.annotations import AnnotatedImage, Annotation
from tasks.datasets.splits import RealImagesConfig
from tasks.detection.annotated_photos import (
    AnnotatedPhotos,
    choose_target,
    find_annotated_photos,
    scene_of,
)
from tests.tasks.detection.squares import write_photos

A = (0, 0, 20, 20)
CONFIG = RealImagesConfig(annotations="boxes.json")


@pytest.mark.parametrize(
    ("name", "clip", "scene"),
    [
        ("lunch_0001.png", "", "lunch"),
        ("hall/lunch_0001.png", "", "hall/lunch"),
        ("images/train/lunch_0001.png", "", "lunch"),
        ("valid/hall/0001.png", "", "hall"),
        ("0001.png", "", ""),
        ("hall/lunch_0001.png", "monday", "monday"),
        ("door.png", "", "door"),
    ],
)
def test_a_scene_is_the_named_clip_or_the_folder_and_the_common_part_of_names(name, clip, scene):
    assert scene_of(AnnotatedImage(name, 8, 8, (0, 0), clip=clip), CONFIG) == scene


def photos(*targets) -> AnnotatedPhotos:
    boxes = tuple(Annotation(target, (0, 0, 8, 8), 1) for target in targets)
    return AnnotatedPhotos([AnnotatedImage("a.png", 8, 8, (0, 0), boxes)], {}, ())


def test_the_target_is_the_wanted_one_the_detectors_or_the_only_one():
    assert choose_target(photos("head", "person"), wanted="head", known=None) == "head"
    assert choose_target(photos("head", "person"), wanted=None, known="person") == "person"
    assert choose_target(photos("head"), wanted=None, known=None) == "head"


@pytest.mark.parametrize(
    ("annotated", "wanted", "known", "words"),
    [
        ((), None, None, "none of the 1 images has a box of a head or a person"),
        (("head", "person"), None, None, "add --target person or --target head"),
        (("person",), "person", "head", "--target is person, but the detector finds heads"),
        (("person",), None, "head", "heads are to be scored, but only persons are annotated"),
    ],
)
def test_a_target_that_is_not_to_be_known_is_a_mistake(annotated, wanted, known, words):
    with pytest.raises(ValueError, match=words):
        choose_target(photos(*annotated), wanted=wanted, known=known)


def test_mistakes_are_told_in_the_words_of_the_command(tmp_path):
    for place, images in ((tmp_path / "none.json", None), (tmp_path, None), (tmp_path, tmp_path / "none")):
        with pytest.raises(ValueError) as caught:
            find_annotated_photos(place, images)
        assert "real_images" not in str(caught.value)
        assert "ANNOTATIONS" in str(caught.value) or "IMAGES" in str(caught.value)


def test_an_image_of_another_size_than_annotated_is_refused_when_it_is_read(tmp_path):
    path = write_photos(tmp_path, {"a_1.png": ({}, [A])})
    path.write_text(path.read_text().replace('"width": 64', '"width": 65'))
    found = find_annotated_photos(path, tmp_path / "images")
    with pytest.raises(ValueError, match="has 64 x 64 pixels, but its annotations say 65 x 64"):
        found.read(found.images[0])


def test_boxes_of_other_categories_are_told(tmp_path):
    path = write_photos(tmp_path, {"a_1.png": ({}, [A])})
    text = path.read_text().replace('"name": "person"}', '"name": "person"}, {"id": 2, "name": "dog"}')
    path.write_text(
        text.replace(
            '"annotations": [',
            '"annotations": [{"id": 9, "image_id": 0, "category_id": 2, "bbox": [0, 0, 9, 9]}, ',
        )
    )
    assert find_annotated_photos(path, tmp_path / "images").notes == (
        "1 annotated boxes are left out, as they are no heads and persons: dog 1",
    )
