import numpy as np
import pytest

from tasks.datasets.annotations import AnnotatedImage, Annotation, write_coco
from tasks.detection.preparing_sets import DetectionSetConfig, letterbox, prepare_detection_set
from tasks.formats.detection_sets import SetImage, read_set
from tasks.images.files import write_png

CONFIG = DetectionSetConfig(input_width_px=64, input_height_px=64, min_visibility=0.3)


def dataset(folder, *annotations):
    write_png(folder / "images/a.png", np.full((50, 100, 3), 200, np.uint8))
    image = AnnotatedImage("images/a.png", 100, 50, (50.0, 25.0), annotations, clip="c")
    write_coco(folder / "annotations.json", [image])
    return folder


def build(tmp_path, *annotations):
    out = tmp_path / "out"
    out.mkdir()
    prepare_detection_set.build(out, config=CONFIG, images=[dataset(tmp_path / "in", *annotations)])
    return read_set(out)


@pytest.mark.parametrize(("width", "height"), [(100, 50), (50, 100), (31, 47), (64, 64)])
def test_a_drawn_box_is_found_where_the_mapping_says_to_a_pixel(width, height):
    image = np.zeros((height, width, 3), np.uint8)
    left, top, right, bottom = width // 4, height // 4, width // 2, height // 2
    image[top:bottom, left:right] = 255
    pixels, scale, left_px, top_px = letterbox(image, 128, 96)
    record = SetImage("a", "", scale, left_px, top_px, (), (), ())
    expected = record.to_input(np.array([left, top, right, bottom]))[0]
    rows, columns = np.nonzero(pixels[..., 0] == 255 if scale < 1 else pixels[..., 0] > 127)
    found = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    np.testing.assert_allclose(found, expected, atol=2 if scale < 1 else 1)


def test_boxes_go_to_the_input_and_back():
    record = SetImage("a", "", 0.64, 0.0, 16.0, (), (), ())
    np.testing.assert_allclose(
        record.to_input(np.array([10, 10, 20, 30])), [[6.4, 22.4, 12.8, 35.2]], rtol=1e-6
    )
    np.testing.assert_allclose(
        record.to_source(record.to_input(np.array([10, 10, 20, 30]))), [[10, 10, 20, 30]], rtol=1e-6
    )


def test_hidden_crowded_and_estimated_boxes_are_ignored_not_required(tmp_path):
    pixels, (record,) = build(
        tmp_path,
        Annotation("head", (10.0, 10.0, 20.0, 20.0), 1),
        Annotation("head", (30.0, 10.0, 40.0, 20.0), 2, visibility=0.1),
        Annotation("head", (50.0, 10.0, 60.0, 20.0), 3, is_estimated=True),
        Annotation("head", (70.0, 10.0, 80.0, 20.0), 4, is_crowd=True),
        Annotation("person", (5.0, 5.0, 30.0, 40.0), 1),
    )
    assert pixels.shape == (1, 64, 64, 3)
    assert record.visibilities == [1.0]
    assert [box[0] for box in record.boxes_xyxy] == [10] and [box[0] for box in record.ignore_xyxy] == [
        30,
        50,
        70,
    ]


def test_a_set_without_the_target_is_refused_with_the_mend(tmp_path):
    with pytest.raises(ValueError, match=r"none of the 1 images has a head box.*detection\.target"):
        build(tmp_path, Annotation("person", (5.0, 5.0, 30.0, 40.0), 1))


def test_a_set_whose_boxes_are_all_hidden_says_how_many_there_are(tmp_path):
    with pytest.raises(ValueError, match=r"seen to at least 0\.3.*\(1 others\).*detection\.min_visibility"):
        build(tmp_path, Annotation("head", (5.0, 5.0, 30.0, 40.0), 1, 0.1))
