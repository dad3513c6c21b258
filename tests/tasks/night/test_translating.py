"""A translator of whole images in a process of its own, and what it makes of a set, in both directions."""

import numpy as np
import pytest

from models.translation.families.cyclegan_config import CycleganConfig
from models.translation.networks.configs import DiscriminatorConfig, GeneratorConfig
from tasks.artifacts.recipe import SourceFiles
from tasks.formats.label_maps import read_label_maps
from tasks.night.translating import TranslationConfig, translate_images
from tasks.training.translator_runs import RefinerRun
from tasks.training.translator_training import train_translator
from tests.tasks.night.sets import write_set

REFINER = CycleganConfig(
    epochs=None,
    steps=3,
    generator=GeneratorConfig(filters=4, blocks=1),
    discriminator=DiscriminatorConfig(filters=4),
    precision="fp32",
    device="cpu",
    checkpoint_every_steps=2,
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("translator")
    day = write_set(folder / "day", (180, 200, 220), prefix="street/")
    night = write_set(folder / "night", (20, 30), prefix="dark_")
    (out := folder / "out").mkdir(), (scratch := folder / "scratch").mkdir()
    config = RefinerRun(refiner=REFINER, seed=0, threads=1)
    train_translator.build(
        out, config=config, source=[day], target=[night], weights=SourceFiles({}), scratch=scratch
    )
    return day, night, out


def test_labels_stay_and_records_tell_what_was_made(trained, tmp_path):
    day, _, translator = trained
    config = TranslationConfig(precision="fp32", device="cpu", batch_size=2)
    translate_images.build(tmp_path, config=config, images=day, translator=translator)
    found, before = read_label_maps(tmp_path), read_label_maps(day)
    assert found.images.shape == before.images.shape and (found.images != before.images).any()
    np.testing.assert_array_equal(found.labels, before.labels)
    assert [record.name for record in found.records] == [f"street/{n}_as_night.png" for n in range(3)]
    assert {record.condition for record in found.records} == {"night"} and found.table == before.table


def test_the_way_back_is_another_network(trained, tmp_path):
    _, night, translator = trained
    made = {}
    for direction in ("a_to_b", "b_to_a"):
        (out := tmp_path / direction).mkdir()
        config = TranslationConfig(direction=direction, condition="day", precision="fp32", device="cpu")
        translate_images.build(out, config=config, images=night, translator=translator)
        made[direction] = read_label_maps(out)
    assert (made["a_to_b"].images != made["b_to_a"].images).any()
    assert made["b_to_a"].records[0].name == "dark_0_as_day.png"
