import json

import numpy as np
import pytest

from tasks.formats.label_maps import read_label_maps
from tasks.images.files import read_image
from tasks.night.splitting import LightConfig, LightingConfig, split_by_lighting, take_light
from tests.tasks.night.sets import write_set

LEVELS = (20, 30, 118, 200, 215, 25)
CONDITIONS = ("night", "Night", "dusk", "day", "day", "day")


@pytest.fixture
def split(tmp_path):
    images = write_set(tmp_path / "images", LEVELS, conditions=CONDITIONS)
    (tmp_path / "lighting").mkdir()
    split_by_lighting.build(tmp_path / "lighting", config=LightingConfig(), images=images)
    return images, tmp_path / "lighting"


def test_images_are_told_apart_and_scored_by_what_is_known_of_them(split):
    found = json.loads((split[1] / "lighting.json").read_text())
    kinds = [entry["kind"] for entry in found["images"]]
    assert kinds == ["night", "night", "twilight", "day", "day", "night"]
    assert found["counts"] == {"day": 2, "twilight": 1, "night": 3}
    assert found["agreement"]["counts"]["day"] == {"day": 2, "twilight": 0, "night": 1}
    assert found["agreement"]["counts"]["twilight"]["twilight"] == 1
    assert found["agreement"]["accuracy"] == 4 / 5


def test_the_least_clear_images_are_shown(split):
    sheet = read_image(split[1] / "borderline.png")
    cell = sheet[20 : 20 + 160, :240]
    assert np.median(cell) == 118, "twilight comes first"


def test_a_kind_is_taken_with_a_record_that_says_so(split, tmp_path):
    images, lighting = split
    take_light.build(tmp_path, config=LightConfig(kind="night"), images=images, lighting=lighting)
    found = read_label_maps(tmp_path)
    assert [record.name for record in found.records] == ["0.png", "1.png", "5.png"]
    assert {record.condition for record in found.records} == {"night"}
    assert found.images[2, 0, 0, 0] == 25 and found.labels is not None


def test_examples_may_be_named(tmp_path):
    images = write_set(tmp_path / "images", LEVELS, conditions=CONDITIONS)
    config = LightingConfig(day={"name": ("2.png",)}, night={"name": ("0.png",)}, least_margin=0)
    split_by_lighting.build(tmp_path, config=config, images=images)
    found = json.loads((tmp_path / "lighting.json").read_text())
    assert [entry["kind"] for entry in found["images"]] == ["night", "night", "day", "day", "day", "night"]
    with pytest.raises(ValueError, match=r"no image fits lighting\.day"):
        split_by_lighting.build(tmp_path, config=LightingConfig(day={"name": ("x",)}), images=images)


def test_a_kind_that_no_image_has_is_refused(tmp_path):
    images = write_set(tmp_path / "images", (100, 100))
    split_by_lighting.build(tmp_path, config=LightingConfig(), images=images)
    assert json.loads((tmp_path / "lighting.json").read_text())["agreement"] is None
    with pytest.raises(ValueError, match="none of 2 images is of the kind night"):
        take_light.build(tmp_path, config=LightConfig(kind="night"), images=images, lighting=tmp_path)
