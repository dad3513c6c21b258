import hashlib
import json

import cv2
import numpy as np
import pytest
import yaml

from blender_assets.lens.fisheye import FisheyeEquidistant, LensCircle
from blender_assets.soiling.config import SoilingConfig
from tasks.class_tables.known import known_table
from tasks.images.files import read_image, write_png
from tasks.label_maps.config import LabelMapsConfig
from tasks.label_maps.layouts import find_label_maps
from tasks.label_maps.reading import LabelReader
from tasks.soiling.clean_images import find_clean_images
from tasks.soiling.dirty_set import DirtySetConfig, soiled_names, write_dirty_set
from tasks.soiling.soiled_image import pattern_seed

SIZE_WH = (160, 120)
MUD = DirtySetConfig(soiling=SoilingConfig(kinds={"mud": 1}, amount=0.4), seed=3)


def pixels(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (15, 20, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1)


def grey(path) -> np.ndarray:
    found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert found is not None
    return found


@pytest.fixture
def photos(tmp_path):
    for number in range(2):
        write_png(tmp_path / f"photos/street_{number}.png", pixels(number))
    return tmp_path / "photos"


def write_people(folder):
    """An image of train and one of test, each with a box of its whole size, as COCO."""
    images, boxes = [], []
    for number, split in enumerate(("train", "test"), start=1):
        write_png(folder / f"{split}.png", pixels(number))
        images.append(
            {"id": number, "file_name": f"{split}.png", "width": 160, "height": 120, "split": split}
        )
        boxes.append({"id": number, "image_id": number, "category_id": 1, "bbox": [0, 0, 160, 120]})
    content = {"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "person"}]}
    (folder / "annotations.json").write_text(json.dumps(content))


def soiled(place, out, config=MUD, lens=None):
    clean = find_clean_images(place)
    return write_dirty_set(clean, [lens] * len(clean.images), out, config)


def test_what_is_written_is_read_again_as_woodscape_s_soiling(photos, tmp_path):
    soiled(photos, tmp_path / "out")
    found = find_label_maps(LabelMapsConfig(folder="out"), tmp_path)
    assert found.layout == "WoodScape soiling"
    assert found.table == known_table("woodscape_soiling")
    assert [image.name for image in found.images] == ["rgbImages/street_0.png", "rgbImages/street_1.png"]
    levels = LabelReader(found.table, found.encoding).read(found.images[0], SIZE_WH)
    alpha = grey(tmp_path / "out/alpha/street_0.png") / 65535
    thresholds = (alpha > 0.02).astype(int) + (alpha > 0.3) + (alpha > 0.8)
    assert set(np.unique(levels)) == {0, 1, 2, 3}
    # 16 bits of alpha may round a pixel over a threshold.
    assert (levels != thresholds).mean() < 1e-3


def test_levels_as_colors_say_the_same(photos, tmp_path):
    soiled(photos, tmp_path / "out")
    config = LabelMapsConfig(folder="out", encoding="colors")
    found = find_label_maps(config, tmp_path)
    by_color = LabelReader(known_table("woodscape_soiling"), "colors").read(found.images[1], SIZE_WH)
    assert (by_color == grey(tmp_path / "out/gtLabels/street_1.png")).all()


def test_clean_pixels_are_the_photo_s_bit_for_bit_also_on_disk(photos, tmp_path):
    soiled(photos, tmp_path / "out")
    before, after = pixels(0), read_image(tmp_path / "out/rgbImages/street_0.png")
    clean = grey(tmp_path / "out/alpha/street_0.png") == 0
    assert 0.3 < clean.mean() < 0.9
    assert (before[clean] == after[clean]).all()
    assert (before != after).any()
    levels = grey(tmp_path / "out/gtLabels/street_0.png")
    assert (grey(tmp_path / "out/types/street_0.png") == (levels > 0)).all()


def test_each_image_and_each_variant_has_soiling_of_its_own(photos, tmp_path):
    records = soiled(photos, tmp_path / "out", MUD.model_copy(update={"variants": 2}))
    names = [record.name for record in records]
    assert names == ["street_0_v0", "street_0_v1", "street_1_v0", "street_1_v1"]
    assert len({record.seed for record in records}) == 4
    maps = [grey(tmp_path / f"out/alpha/{name}.png") for name in names]
    assert all((one != other).any() for k, one in enumerate(maps) for other in maps[:k])
    # Variants of one image stay in one split where the card's pattern names the sequence.
    card = json.loads((tmp_path / "out/card.json").read_text())
    config = LabelMapsConfig(folder="out", sequence_pattern=card["sequence_pattern"])
    sequences = [image.sequence for image in find_label_maps(config, tmp_path).images]
    assert sequences == ["street_0", "street_0", "street_1", "street_1"]


def test_images_of_one_sequence_may_have_the_same_soiling(photos, tmp_path):
    write_png(photos / "other_0.png", pixels(2))
    records = soiled(photos, tmp_path / "out", MUD.model_copy(update={"pattern_of": "sequence"}))
    assert [record.sequence for record in records] == ["other", "street", "street"]
    other, first, second = (grey(tmp_path / f"out/alpha/{record.name}.png") for record in records)
    assert (first == second).all()
    assert (first != other).any()


def test_an_image_is_soiled_alike_alone_and_among_others(photos, tmp_path):
    soiled(photos, tmp_path / "all")
    soiled(photos / "street_1.png", tmp_path / "one")
    both = [(tmp_path / name / "rgbImages/street_1.png").read_bytes() for name in ("all", "one")]
    assert both[0] == both[1]


def test_seeds_depend_on_all_that_they_are_made_of():
    seeds = {pattern_seed(seed, name, k) for seed in (0, 1) for name in "ab" for k in (0, 1)}
    assert len(seeds) == 8
    assert pattern_seed(0, "a", 0) == pattern_seed(0, "a", 0)


def test_the_card_says_how_each_image_was_made(photos, tmp_path):
    records = soiled(photos, tmp_path / "out")
    card = json.loads((tmp_path / "out/card.json").read_text())
    assert card["settings"] == MUD.model_dump(mode="json")
    image = card["images"][1]
    assert (image["name"], image["source"], image["sequence"]) == ("street_1", "street_1.png", "street")
    content = (photos / "street_1.png").read_bytes()
    assert image["source_sha256"] == hashlib.sha256(content).hexdigest()
    assert image["amount"] == pytest.approx(0.4, abs=0.05)
    assert sum(image["levels"].values()) == pytest.approx(1, abs=1e-3)
    assert image["types"] == {"mud": pytest.approx(image["amount"], abs=1e-3)}
    assert [record.name for record in records] == [image["name"] for image in card["images"]]
    assert card["types"] == {
        "clean": 0,
        "mud": 1,
        "dust": 2,
        "film": 3,
        "scratches": 4,
        "drops": 5,
        "frost": 6,
    }


def test_label_maps_ignore_what_mud_hides(photos, tmp_path):
    labels = np.arange(120 * 160, dtype=np.uint16).reshape(120, 160) % 3
    write_png(tmp_path / "photos/labels/street_0.png", labels.astype(np.uint8))
    (tmp_path / "photos/classes.yaml").write_text(yaml.safe_dump({"names": ["road", "tree", "sky"]}))
    soiled(photos, tmp_path / "out")
    place = LabelMapsConfig(folder="out/rgbImages", labels="out/labels", classes="out/classes.yaml")
    found = find_label_maps(place, tmp_path)
    assert found.table is not None
    assert found.table.class_names() == ("road", "tree", "sky")
    # street_1 has no map, and gets none.
    assert [image.has_label for image in found.images] == [True, False]
    kept = LabelReader(found.table, found.encoding).read(found.images[0], SIZE_WH)
    hidden = grey(tmp_path / "out/alpha/street_0.png") >= round(0.8 * 65535)
    assert 0.05 < hidden.mean() < 0.5
    assert (kept[hidden] == 255).all()
    assert (kept[~hidden] == labels[~hidden]).all()


def test_a_fisheye_is_soiled_within_its_circle(photos, tmp_path):
    circle = LensCircle(cx=80, cy=60, radius=50)
    lens = FisheyeEquidistant(model="fisheye_equidistant", fov_deg=180, circle_px=circle)
    records = soiled(photos, tmp_path / "out", lens=lens)
    y, x = np.mgrid[:120, :160] + 0.5
    outside = np.hypot(x - 80, y - 60) > 50
    assert not grey(tmp_path / "out/alpha/street_0.png")[outside].any()
    assert records[0].amount == pytest.approx(0.4, abs=0.05)
    assert records[0].lens == lens.model_dump(mode="json", exclude_none=True)


def test_a_lens_that_is_of_other_images_is_refused_with_the_image_s_name(photos, tmp_path):
    circle = LensCircle(cx=900, cy=900, radius=50)
    lens = FisheyeEquidistant(model="fisheye_equidistant", fov_deg=180, circle_px=circle)
    with pytest.raises(ValueError, match=r"street_0.png: lens.circle_px has its centre at \[900, 900\]"):
        soiled(photos, tmp_path / "out", lens=lens)


def test_nothing_is_left_where_an_image_cannot_be_read(photos, tmp_path):
    (photos / "zz.png").write_bytes(b"no image")
    with pytest.raises(ValueError, match=r"zz\.png cannot be read as an image"):
        soiled(photos, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["photos"]


def test_names_tell_images_apart_and_belong_to_no_published_set(tmp_path):
    for end in ("leftImg8bit", "rgb_anon"):
        write_png(tmp_path / f"{end}/a/aachen_000000_000019_{end}.png", pixels(0))
        assert soiled_names(find_clean_images(tmp_path / end).images) == ["aachen_000000_000019"]
    for name in ("a/1.png", "b/1.png"):
        write_png(tmp_path / "same" / name, pixels(0))
    assert soiled_names(find_clean_images(tmp_path / "same").images) == ["a_1", "b_1"]
    for name in ("1.png", "1.jpg"):
        write_png(tmp_path / "twice" / name, pixels(0))
    with pytest.raises(ValueError, match="2 images would be called 1; soil their folders one by one"):
        soiled_names(find_clean_images(tmp_path / "twice").images)


def test_images_that_are_soiled_already_are_refused(photos, tmp_path):
    soiled(photos, tmp_path / "out")
    with pytest.raises(ValueError, match="has maps of soiling already"):
        find_clean_images(tmp_path / "out")


def test_images_of_other_splits_stay_clean_with_all_their_boxes_in_sight(tmp_path):
    images, boxes = [], []
    for number, split in enumerate(("train", "test"), start=1):
        write_png(tmp_path / f"people/{split}.png", pixels(number))
        images.append(
            {"id": number, "file_name": f"{split}.png", "width": 160, "height": 120, "split": split}
        )
        boxes.append({"id": number, "image_id": number, "category_id": 1, "bbox": [0, 0, 160, 120]})
    content = {"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "person"}]}
    (tmp_path / "people/annotations.json").write_text(json.dumps(content))
    soiled(tmp_path / "people", tmp_path / "out", MUD.model_copy(update={"splits": ("test",)}))
    assert np.array_equal(read_image(tmp_path / "out/rgbImages/train.png"), pixels(1))
    assert not grey(tmp_path / "out/alpha/train.png").any()
    alpha = grey(tmp_path / "out/alpha/test.png") / 65535
    assert (alpha > 0.02).mean() == pytest.approx(0.4, abs=0.05)
    written = json.loads((tmp_path / "out/annotations.json").read_text())["annotations"]
    assert [round(box["visible_share"], 2) for box in written] == [1, round(1 - alpha.mean(), 2)]
    assert [
        json.loads((tmp_path / "out/card.json").read_text())["images"][n]["amount"] > 0 for n in (0, 1)
    ] == [
        False,
        True,
    ]


def test_splits_that_no_image_is_of_are_refused(photos, tmp_path):
    config = MUD.model_copy(update={"splits": ("test",)})
    with pytest.raises(
        ValueError, match=r"splits is test, but no image is of these \(splits: none is said\)"
    ):
        soiled(photos, tmp_path / "out", config)
    assert not (tmp_path / "out").exists()
