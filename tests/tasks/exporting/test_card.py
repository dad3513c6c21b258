import json

from tasks.datasets.annotations import AnnotatedImage, Annotation
from tasks.exporting.card import NO_LICENCE, Origin, count_content, write_card


def person(width: float, height: float, **fields) -> Annotation:
    return Annotation("person", (0.0, 0.0, width, height), 1, **fields)


IMAGES = [
    AnnotatedImage(
        "a.png",
        200,
        100,
        (0.0, 0.0),
        # 31 x 33 = 1023 < 1024; 32 x 32 is medium; 96 x 96 is large.
        (person(31, 33), person(32, 32, visibility=0.4), person(96, 96, is_crowd=True)),
        clip="c1",
        extra={"background": "noon"},
    ),
    AnnotatedImage(
        "b.png", 200, 100, (0.0, 0.0), (Annotation("head", (0, 0, 9, 9), 1),), extra={"background": "noon"}
    ),
    AnnotatedImage("c.png", 300, 100, (0.0, 0.0), extra={"background": "night"}),
]


def test_images_and_boxes_are_counted_by_group_target_and_size():
    content = count_content(IMAGES)
    assert (content["images"], content["images_without_boxes"]) == (3, 1)
    assert content["image_sizes_px"] == {"200 x 100": 2, "300 x 100": 1}
    assert content["images_by"] == {"background": {"noon": 2, "night": 1}, "clip": {"c1": 1}}
    boxes = content["boxes"]["person"]
    assert list(boxes["by_size"].values()) == [1, 1, 1]
    assert (boxes["all"], boxes["crowds"], boxes["seen_less_than_half"]) == (3, 1, 1)
    assert content["boxes"]["head"]["all"] == 1


def test_the_card_says_the_same_in_json_and_in_words(tmp_path):
    origin = Origin(
        source="office:S+",
        licence="CC-BY-4.0",
        artifacts=[{"kind": "scenes", "key": "ab", "made_from": {}}] * 2,
        photos=[{"name": "noon", "digest": "0123456789abcdef"}],
        refiners=["fedcba9876543210"],
        real_splits={"train": 20, "val": 10},
        libraries={"numpy": ["1.26.4"]},
    )
    write_card(tmp_path, IMAGES, "coco", origin)
    content = json.loads((tmp_path / "card.json").read_text())
    assert content["form"] == "coco" and content["origin"]["licence"] == "CC-BY-4.0"
    lines = (tmp_path / "card.md").read_text().splitlines()
    assert "| person | 3 | 1 | 1 | 1 | 1 | 1 |" in lines and "| head | 1 | 1 | 0 | 0 | 0 | 0 |" in lines
    assert "3 images (1 without boxes), in the form `coco`." in lines
    assert "- photo noon, sha256 0123456789ab" in lines and "- refiner fedcba987654" in lines
    assert "- the run's R_train: 20 images" in lines and "- artifacts: 2 scenes; keys in card.json" in lines
    assert "Images by background: noon 2, night 1." in lines and "numpy 1.26.4" in lines


def test_a_licence_that_nobody_stated_is_said_to_be_missing(tmp_path):
    write_card(tmp_path, [], "yolo", Origin("KEY"))
    assert f"Licence: {NO_LICENCE}" in (tmp_path / "card.md").read_text()
