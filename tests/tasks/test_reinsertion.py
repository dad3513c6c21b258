import numpy as np
import pytest

from tasks.cropping import Crop, CropConfig, crop_to_image_matrix, cut
from tasks.reinsertion import ReinsertionConfig, reinsert, seam_strength

CONFIG = CropConfig(size_px=32)
NADIR = (60.0, 50.0)


def textured(seed=0):
    return np.random.default_rng(seed).integers(0, 256, (100, 120, 3), dtype=np.uint8)


def crop_at(head, person_id=1):
    matrix = crop_to_image_matrix(head, NADIR, CONFIG)
    return Crop(f"{person_id}.png", "a.png", person_id, tuple(map(tuple, matrix.tolist())))


def mask_of(*ellipses):
    rows, columns = np.mgrid[:100, :120]
    mask = np.zeros((100, 120), np.uint8)
    for number, (x, y, width, height) in enumerate(ellipses, start=1):
        mask[((columns - x) / width) ** 2 + ((rows - y) / height) ** 2 < 1] = number
    return mask


@pytest.mark.parametrize("head", [(90.3, 40.7), (20.0, 20.0), (118.0, 97.0), (60.0, 50.0)])
def test_an_unrefined_crop_gives_back_its_image_exactly(head):
    image, crop = textured(), crop_at(head)
    original = cut(image, crop.matrix, 32)
    result = reinsert(
        image, mask_of((head[0], head[1], 12, 18)), [(crop, original, original)], ReinsertionConfig()
    )
    np.testing.assert_array_equal(result, image)


def test_pixels_outside_the_person_never_change():
    image, crop, mask = textured(), crop_at((90, 40)), mask_of((85, 42, 8, 12))
    original = cut(image, crop.matrix, 32)
    result = reinsert(image, mask, [(crop, original, 255 - original)], ReinsertionConfig())
    np.testing.assert_array_equal(result[mask == 0], image[mask == 0])
    assert np.abs(result[mask == 1].astype(int) - image[mask == 1]).max() > 100


def test_the_change_of_a_crop_stays_on_its_own_person():
    image, mask = textured(), mask_of((84, 42, 6, 9), (96, 42, 6, 9))
    crop = crop_at((88, 42))
    original = cut(image, crop.matrix, 32)
    result = reinsert(image, mask, [(crop, original, 255 - original)], ReinsertionConfig())
    np.testing.assert_array_equal(result[mask == 2], image[mask == 2])


def test_a_uniform_change_arrives_in_full_at_the_head_and_fades_towards_the_outline():
    image = np.full((100, 120, 3), 100, np.uint8)
    mask, crop = mask_of((90, 50, 20, 20)), crop_at((90, 50))
    original = cut(image, crop.matrix, 32)
    result = reinsert(image, mask, [(crop, original, original + 50)], ReinsertionConfig(border_fade_px=6))
    assert result[50, 85, 0] == 150  # (85, 50) lies inside the crop: x from about 66 to 98
    row = result[50, :, 0].astype(int)
    assert np.abs(np.diff(row)).max() < 25  # over 6 px of fade, never in one step of 50


def test_blending_has_a_weaker_seam_than_pasting_where_a_person_is_larger_than_the_crop():
    image, mask = np.full((100, 120, 3), 100, np.uint8), mask_of((80, 50, 35, 30))
    crop = crop_at((90, 50))
    original = cut(image, crop.matrix, 32)
    parts = [(crop, original, original + 60)]
    blended = reinsert(image, mask, parts, ReinsertionConfig())
    pasted = reinsert(image, mask, parts, ReinsertionConfig(blend="paste"))
    seams = [seam_strength(image, result, mask, [crop], 32) for result in (blended, pasted)]
    assert seams[0] < 0.25 * seams[1]


def test_overlapping_crops_with_conflicting_changes_do_not_add_up_or_cut():
    image, mask = np.full((100, 120, 3), 100, np.uint8), mask_of((84, 50, 7, 9), (97, 50, 7, 9))
    crops = [crop_at((84, 50), 1), crop_at((97, 50), 2)]
    original = cut(image, crops[0].matrix, 32)
    parts = [(crops[0], original, original + 60), (crops[1], original, original - 60)]
    result = reinsert(image, mask, parts, ReinsertionConfig())
    assert result[mask == 1].min() >= 100 and result[mask == 2].max() <= 100
    assert result.max() <= 160 and result.min() >= 40
