import numpy as np
import pytest

from models.augmentation.geometric import Placement, draw_turn
from models.detection.augmentation import draw_zooms, place_annotation
from models.detection.config import AugmentationConfig
from models.detection.data import Annotation


def test_a_box_that_mostly_left_the_image_is_ignored_and_the_others_are_clipped():
    # mirrored in an image 80 px wide
    boxes = np.array([[78, 0, 88, 10], [74, 0, 84, 10]], np.float32)
    annotation = Annotation(boxes, np.array([3, 4]), np.zeros((0, 4), np.float32))
    placed = place_annotation(annotation, Placement(is_flipped=True), image_hw=(60, 80))
    assert placed.boxes_xyxy.tolist() == [[0, 0, 6, 10]]
    assert placed.labels.tolist() == [4]
    assert placed.ignore_xyxy.tolist() == [[0, 0, 2, 10]]


def test_boxes_are_clipped_to_what_a_crop_shows():
    # the middle 40 x 30 px of 80 x 60 px: from column 20 and row 15 on
    boxes = np.array([[30, 20, 40, 30], [52, 20, 62, 30], [57, 20, 67, 30]], np.float32)
    annotation = Annotation(boxes, np.array([0, 1, 2]), np.zeros((0, 4), np.float32))
    placed = place_annotation(annotation, Placement(crop_hw=(30, 40)), image_hw=(60, 80))
    assert placed.boxes_xyxy.tolist() == [[10, 5, 20, 15], [32, 5, 40, 15]]
    assert placed.labels.tolist() == [0, 1]
    assert placed.ignore_xyxy.tolist() == [[37, 5, 40, 15]]


def test_boxes_grow_with_the_image_about_its_middle():
    # twice as large: from (30, 20)..(40, 30) of 80 x 60 px to 40 + 2 (30 - 40) = 20 and so on
    boxes = np.array([[30, 20, 40, 30]], np.float32)
    annotation = Annotation(boxes, np.array([0]), np.zeros((0, 4), np.float32))
    placed = place_annotation(annotation, Placement(scale=2.0), image_hw=(60, 80))
    assert placed.boxes_xyxy.tolist() == [[20, 10, 40, 30]]


def test_zooms_lie_evenly_on_both_sides_of_one_and_are_one_without():
    zooms = np.log2(draw_zooms(AugmentationConfig(zoom=0.5), np.random.default_rng(0), count=2000))
    assert zooms.min() == pytest.approx(-0.5, abs=0.01) and zooms.max() == pytest.approx(0.5, abs=0.01)
    assert zooms.mean() == pytest.approx(0, abs=0.02)
    assert draw_zooms(AugmentationConfig(), np.random.default_rng(0), count=2) == [1.0, 1.0]
    with pytest.raises(ValueError, match="zoom must be <= 2, a factor of 4, but was 3"):
        AugmentationConfig(zoom=3)


@pytest.mark.parametrize(
    ("rotation", "angles"), [("none", {0.0}), ("half_turn", {0.0, 180.0}), ("any", None)]
)
def test_a_detectors_rotation_draws_only_the_angles_it_names(rotation, angles):
    rng, config = np.random.default_rng(0), AugmentationConfig(rotation=rotation, flip_probability=1.0)
    drawn = [draw_turn(config.geometric, rng) for _ in range(50)]
    assert all(each.is_flipped for each in drawn)
    seen = {each.angle_deg for each in drawn}
    assert seen == angles if angles is not None else len(seen) == 50


def test_a_detectors_settings_of_light_reach_the_shared_ones():
    names = ("brightness", "contrast", "gamma", "color_gain", "saturation", "blur_probability")
    names += ("blur_max_sigma_px", "noise_probability", "noise_max_sigma")
    values = {name: (number + 1) / 10 for number, name in enumerate(names)}
    assert vars(AugmentationConfig(**values).photometric) == values
