import numpy as np
import pytest
from pycocotools import mask as coco_mask

from tasks.crops.crop_regions import crop_regions, read_outlines
from tasks.crops.cropping import CropConfig, crop_to_image_matrix, extract_crops
from tasks.datasets.annotations import AnnotatedImage, Annotation, Rle, write_coco
from tasks.formats.crops import HEAD, PERSON, read_crop_pixels, read_crop_regions
from tasks.images.files import write_png

HEAD_PX, NADIR_PX = (70.0, 40.0), (50.0, 40.0)  # outward, a crop's "up", is right in the image
MATRIX = crop_to_image_matrix(HEAD_PX, NADIR_PX, CropConfig(size_px=32, head_at=(0.5, 0.25)))


def outline(rows: slice, columns: slice) -> np.ndarray:
    mask = np.zeros((80, 100), bool)
    mask[rows, columns] = True
    return mask


def test_the_persons_outline_is_turned_as_its_crop():
    # The crop's point (16, 8) is the image's (70, 40); down in the crop is left in the image, right is down. The pixels
    # 60..69 by 40..43 of the image are 0..10 px below and 0..4 px right of that point.
    regions = crop_regions(
        outline(slice(40, 44), slice(60, 70)), Annotation("head", (0, 0, 0, 0), 1), MATRIX, 32
    )
    expected = np.zeros((32, 32), np.uint8)
    expected[8:18, 16:20] = PERSON
    np.testing.assert_array_equal(regions, expected)


def test_an_upright_head_box_is_turned_into_the_crop():
    # 12 wide and 6 high in the image: 6 wide and 12 high in the crop, around (16, 8)
    regions = crop_regions(None, Annotation("head", (64, 37, 76, 43), 1), MATRIX, 32)
    expected = np.zeros((32, 32), np.uint8)
    expected[2:14, 13:19] = HEAD
    np.testing.assert_array_equal(regions, expected)


def test_a_turned_box_counts_before_the_upright_one():
    # Turned by 90 degrees clockwise its width lies along the image's y axis, which is the crop's x axis.
    head = Annotation("head", (60, 30, 80, 50), 1, rotated_box=(70.0, 40.0, 6.0, 12.0, 90.0))
    expected = np.zeros((32, 32), np.uint8)
    expected[2:14, 13:19] = HEAD
    np.testing.assert_array_equal(crop_regions(None, head, MATRIX, 32), expected)


def test_a_box_turned_by_45_degrees_has_the_area_of_its_sides_and_its_own_direction():
    head = Annotation("head", (0, 0, 0, 0), 1, rotated_box=(70.0, 40.0, 13.0, 8.0, 45.0))
    rows, columns = np.nonzero(crop_regions(None, head, MATRIX, 32) & HEAD)
    assert len(rows) == pytest.approx(104, abs=5)
    # Clockwise by 45 degrees the width points right and down in the image: in the crop right and up.
    assert np.corrcoef(columns, -rows)[0, 1] > 0.4


def test_nobody_is_beyond_the_images_border():
    matrix = crop_to_image_matrix((97.0, 40.0), NADIR_PX, CropConfig(size_px=32, head_at=(0.5, 0.25)))
    regions = crop_regions(np.ones((80, 100), bool), Annotation("head", (0, 0, 0, 0), 1), matrix, 32)
    # The image ends 3 px above the head's point in row 8: rows 5 and below show it.
    assert (regions[5:] == PERSON).all() and (regions[:5] == 0).all()


def dataset(folder, *, mask_name, segmentation):
    """Two people with heads of 4 px; the left one's mask is 10 px wide, the right one's 20 px."""
    write_png(folder / "images/a.png", np.full((80, 100, 3), 90, np.uint8))
    mask = outline(slice(30, 50), slice(10, 20)).astype(np.uint8) + 2 * outline(slice(30, 50), slice(60, 80))
    if mask_name:
        write_png(folder / mask_name, mask.astype(np.uint8))
    annotations = []
    for number, x in ((1, 15.0), (2, 70.0)):
        counts = coco_mask.encode(np.asfortranarray(mask == number))["counts"].decode()
        rle = Rle(80, 100, counts) if segmentation else None
        annotations.append(Annotation("head", (x - 2, 38, x + 2, 42), number))
        annotations.append(Annotation("person", (x - 5, 30, x + 5, 50), number, segmentation=rle))
    image = AnnotatedImage("images/a.png", 100, 80, (50.0, 40.0), tuple(annotations), mask_name=mask_name)
    write_coco(folder / "annotations.json", [image])
    return image


@pytest.mark.parametrize(("mask_name", "segmentation"), [("masks/a.png", False), (None, True)])
def test_outlines_come_from_the_mask_or_from_the_segmentations(tmp_path, mask_name, segmentation):
    outlines = read_outlines(tmp_path, dataset(tmp_path, mask_name=mask_name, segmentation=segmentation))
    assert {number: int(mask.sum()) for number, mask in outlines.items()} == {1: 200, 2: 400}


def test_every_crop_has_the_regions_of_its_own_person(tmp_path):
    dataset(tmp_path, mask_name="masks/a.png", segmentation=False)
    extract_crops.build(tmp_path, config=CropConfig(size_px=32), images=[tmp_path])
    regions = read_crop_regions([tmp_path, tmp_path])
    assert regions.shape == (4, 32, 32) == read_crop_pixels([tmp_path, tmp_path]).shape[:3]
    # The left person's 10 x 20 px lie within its crop. The right one reaches 10 px above its head's point, which is 8 px
    # below the crop's upper border: 2 rows of 20 px are cut off.
    assert [int((crop & PERSON).sum()) for crop in regions[:2]] == [200, 360]
    assert [int((crop & HEAD > 0).sum()) for crop in regions[:2]] == [16, 16]


def test_without_masks_only_the_head_is_known_and_no_heads_give_no_regions(tmp_path):
    dataset(tmp_path, mask_name=None, segmentation=False)
    extract_crops.build(tmp_path, config=CropConfig(size_px=32), images=[tmp_path])
    assert set(np.unique(read_crop_regions([tmp_path]))) == {0, HEAD}
    extract_crops.build(tmp_path, config=CropConfig(size_px=32), images=[])
    assert read_crop_regions([tmp_path]).shape == (0, 32, 32)
