import numpy as np
import pytest

from blender_assets.soiling.config import SoilingConfig
from blender_assets.soiling.levels import CoarseConfig, coarsen, levels_of
from blender_assets.soiling.pane import Pane, usual_lens
from blender_assets.soiling.pattern import draw_pattern
from tasks.class_tables.known import known_table
from tasks.formats.label_maps import read_label_maps
from tasks.formats.soiling_masks import read_masks
from tasks.soiling.soiled_image import pattern_seed
from tasks.soiling.stand_in import (
    StandInConfig,
    StandInMasksConfig,
    StandInSetConfig,
    draw_stand_in_masks,
    soil_stand_in,
)
from tests.tasks.soiling.small_sets import SIDE, write_clean

LOOK = StandInConfig(soiling=SoilingConfig(kinds={"mud": 1}), amounts=(0.4,))


@pytest.fixture
def clean(tmp_path):
    return write_clean(tmp_path / "clean")


def soiled(tmp_path, clean, name="out", **how):
    out = tmp_path / name
    out.mkdir()
    wanted = {"look": LOOK, "pattern_of": "sequence", "annotation": "exact"} | how
    soil_stand_in.build(out, StandInSetConfig(**wanted), images=clean)
    return out


def test_pixels_without_soiling_stay_and_levels_are_those_of_the_exact_alpha(tmp_path, clean):
    out = soiled(tmp_path, clean)
    before, after, alpha = read_label_maps(clean), read_label_maps(out), read_masks(out)
    assert after.table == known_table("woodscape_soiling")
    is_untouched = np.asarray(alpha) == 0
    assert 0.2 < is_untouched.mean() < 0.7
    assert np.array_equal(before.images[is_untouched], after.images[is_untouched])
    assert (before.images != after.images).any(axis=-1)[np.asarray(alpha) > 0.5].mean() > 0.95
    assert np.array_equal(after.labels[2], levels_of(np.asarray(alpha[2])))


def test_images_of_a_sequence_share_a_pattern_unless_each_has_its_own(tmp_path, clean):
    first, second, third, _ = read_masks(soiled(tmp_path, clean))
    assert np.array_equal(first, second) and not np.array_equal(first, third)
    own = read_masks(soiled(tmp_path, clean, "own", pattern_of="image"))
    assert not np.array_equal(own[0], own[1])


def test_coarse_annotation_is_polygons_around_the_exact_levels(tmp_path, clean):
    coarse = read_label_maps(soiled(tmp_path, clean, annotation="coarse")).labels
    exact = read_label_maps(soiled(tmp_path, clean, "exact")).labels
    assert np.array_equal(coarse[0], coarsen(np.asarray(exact[0]), CoarseConfig()))
    assert (coarse != exact).mean() > 0.01, "annotators do not draw every pixel"


def test_each_pattern_has_one_of_the_amounts(tmp_path, clean):
    look = LOOK.model_copy(update={"amounts": (0.0, 0.5)})
    alpha = read_masks(soiled(tmp_path, clean, look=look, pattern_of="image"))
    amounts = (np.asarray(alpha) > 0.02).mean(axis=(1, 2))
    assert all(abs(amount - 0.5) <= 0.06 or amount == 0 for amount in amounts)


def test_images_are_named_after_what_was_done_to_them(tmp_path, clean):
    records = read_label_maps(soiled(tmp_path, clean)).records
    assert [record.name for record in records[:2]] == ["train/0_soiled.png", "train/1_soiled.png"]
    assert records[0].sequence == "train 0"


def test_further_masks_are_coarse_patterns_at_a_quarter_of_the_images_and_other_ones_in_each_split(
    tmp_path, clean
):
    def drawn(name: str) -> np.ndarray:
        out = tmp_path / name
        out.mkdir()
        own = StandInMasksConfig(look=LOOK, count=3, name=name, size_px=SIDE // 4, smoothing_px=0)
        draw_stand_in_masks.build(out, own, images=clean)
        return np.asarray(read_masks(out))

    train, val = drawn("train"), drawn("val")
    assert train.shape == val.shape == (3, SIDE // 4, SIDE // 4)
    pane = Pane(usual_lens(), SIDE // 4, SIDE // 4, LOOK.soiling.pane)
    soiling = LOOK.soiling.model_copy(update={"amount": 0.4})
    levels = coarsen(draw_pattern(pane, soiling, pattern_seed(LOOK.seed, "train 1", 0)).levels, LOOK.coarse)
    assert np.array_equal(train[1], np.array([0, 0.25, 0.6, 1.0], np.float32)[levels])
    assert all((mask != other).any() for mask in train for other in val)
