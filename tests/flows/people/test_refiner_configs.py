from pathlib import Path

import pytest
import yaml
from pydantic import TypeAdapter

from models.translation.config import RefinerConfig
from models.translation.families.aggan_config import AgganConfig
from tasks.training.refiner_forms import RefinerToTrain

FOLDER = Path("flows/configs/people/refiners")
# Table 3.2 of the thesis: the weights of Eq. 2.8 or 2.12, 2.18, 2.21, 2.17, 2.19 and 2.20, and VGG16's max pools.
TABLE = {
    "c_cp": ((10, 0, 0, 0, 0, 0), ()),
    "c_cpcf": ((10, 1e-5, 0, 0, 0, 0), (2,)),
    "c_cpcfif": ((10, 1e-5, 0, 0, 5e-6, 0), (2,)),
    "c_cpcfip": ((10, 1e-5, 0, 10, 0, 0), (2,)),
    "d": ((0, 0, 1e-5, 0, 5e-6, 0), (2,)),
    "m": ((0, 0, 0, 0, 5e-6, 1e-5), (2, 5)),
    "a": ((1e-5, 0, 0, 0, 0, 0), ()),
}
TERMS = (
    "cycle_pixel",
    "cycle_features",
    "cycle_discriminator",
    "identity_pixel",
    "identity_features",
    "mean_features",
)


def load(name: str) -> RefinerConfig:
    content = yaml.safe_load((FOLDER / f"{name}.yaml").read_text())
    return TypeAdapter(RefinerToTrain).validate_python(content)


@pytest.mark.parametrize("name", TABLE)
def test_the_thesiss_refiners_have_its_weights_and_layers(name):
    refiner, (weights, layers) = load(name), TABLE[name]
    assert tuple(refiner.losses.weight(term) for term in TERMS) == weights
    others = {"target_identity_pixel", "contrast", "identity_contrast", "unchanged_outside", "head_structure"}
    assert not any(refiner.losses.weight(term) for term in others)
    if layers:
        assert (refiner.features.network, refiner.features.weights) == ("vgg16", "imagenet")
        assert refiner.features.chosen_layers == layers


@pytest.mark.parametrize("name", TABLE)
def test_the_thesiss_refiners_are_trained_as_it_says(name):
    refiner = load(name)
    training = (refiner.epochs, refiner.batch_size, refiner.pool_images, refiner.learning_rate)
    assert training == (160, 1, 50, 2e-4)
    assert (refiner.adam_beta1, refiner.adversarial.loss) == (0.5, "least_squares")
    assert refiner.generator.filters == (32 if name == "a" else 64)
    assert (refiner.generator.blocks, refiner.discriminator.filters) == (9, 64)
    assert refiner.family == ("aggan" if name == "a" else "cyclegan")
    if isinstance(refiner, AgganConfig):
        assert (refiner.attention.frozen_from_epoch, refiner.attention.threshold) == (30, 0.1)


@pytest.mark.parametrize("name", TABLE)
def test_each_has_a_twin_that_differs_by_the_skip_alone(name):
    plain, skipping = load(name), load(f"{name}_s")
    assert not plain.generator.has_skip
    assert skipping.generator.has_skip
    texts = [(FOLDER / f"{file}.yaml").read_text() for file in (name, f"{name}_s")]
    contents = [yaml.safe_load(text) for text in texts]
    contents[1]["generator"].pop("has_skip")
    assert {key: value for key, value in contents[1].items() if value} == contents[0]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_refiner_is_a_valid_configuration_of_a_few_lines(path):
    assert load(path.stem).epochs == 160
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    assert len(lines) <= 6
