import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision.models import squeezenet1_1

from models.configs import WeightsFile
from models.features.config import FeaturesConfig
from models.training.checkpoints import save_checkpoint
from models.translation.config import RefinerConfig
from models.translation.families.aggan_config import AgganConfig
from models.translation.families.cyclegan_config import CycleganConfig
from models.translation.networks.configs import AttentionConfig, DiscriminatorConfig, GeneratorConfig
from models.translation.refining import refine
from models.translation.training import Hooks, train_refiner
from tasks.artifacts.recipe import SourceFiles
from tasks.crops.refiner_measuring import MeasuringConfig, MeasuringRun, measure_refiner
from tasks.formats.crops import HEAD, PERSON
from tasks.images.files import read_image
from tests.models.translation.toy_domains import domains_of

SIDE = 32
SHORT = {
    "generator": GeneratorConfig(filters=4, blocks=1),
    "discriminator": DiscriminatorConfig(filters=4),
    "epochs": None,
    "steps": 1,
    "device": "cpu",
}
TINY = CycleganConfig(**SHORT)
RUN = MeasuringRun(measuring=MeasuringConfig(max_crops=6, samples=3), threads=1, device="cpu")


def blobs(count: int, *, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, 8, 8, 3), dtype=np.uint8).repeat(4, 1).repeat(4, 2)


def write_crops(folder: Path, pixels: np.ndarray) -> Path:
    folder.mkdir()
    regions = np.full((len(pixels), SIDE, SIDE), PERSON, np.uint8)
    regions[:, 4:20, 8:24] |= HEAD
    np.save(folder / "crops.npy", pixels)
    np.save(folder / "regions.npy", regions)
    return folder


@pytest.fixture
def inputs(tmp_path) -> dict:
    """Two shards with their refined crops, real crops and a refiner without attention."""
    shards = [blobs(4, seed=0), blobs(5, seed=1)]
    state = train(TINY)
    save_checkpoint(tmp_path / "refiner" / "refiner.pt", state)
    return {
        "crops": [write_crops(tmp_path / f"crops{number}", shard) for number, shard in enumerate(shards)],
        "refined": [
            write_crops(tmp_path / f"refined{number}", refine(state, shard, device="cpu"))
            for number, shard in enumerate(shards)
        ],
        "real": write_crops(tmp_path / "real", blobs(5, seed=2)),
        "refiner": tmp_path / "refiner",
        "weights": SourceFiles({}),
    }


def train(config: RefinerConfig) -> dict:
    hooks = Hooks(save=print, report=lambda entry: None)
    return train_refiner(
        config, domains_of(blobs(4, seed=0), blobs(5, seed=2)), seed=0, resume=None, hooks=hooks
    )


def run(out: Path, inputs: dict, config: MeasuringRun = RUN) -> dict:
    out.mkdir()
    measure_refiner.build(out, config, **inputs)
    return json.loads((out / "measures.json").read_text())


def test_a_refiner_is_measured_on_one_fixed_number_of_crops_with_its_extractor_named(tmp_path, inputs):
    content = run(tmp_path / "out", inputs)
    assert (content["num_pairs"], content["num_compared"]) == (6, 5)
    assert content["extractor"] == "squeezenet1_1 pool2, random weights (seed 0)"
    assert {"frechet", "frechet_unrefined", "kid", "kid_unrefined", "head_displacement_mean_px"} <= content[
        "figures"
    ].keys()
    assert "mean_attention" not in content["figures"]
    assert read_image(tmp_path / "out" / "samples.png").shape == (3 * 34 - 2, 3 * 34 - 2, 3)


def test_the_same_measurement_gives_the_same_bytes_and_another_seed_other_crops(tmp_path, inputs):
    run(tmp_path / "first", inputs)
    run(tmp_path / "again", inputs)
    for name in ("measures.json", "pca.json", "samples.png"):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    other = replace(RUN, measuring=RUN.measuring.model_copy(update={"seed": 1}))
    run(tmp_path / "other", inputs, other)
    samples = [(tmp_path / name / "samples.png").read_bytes() for name in ("first", "other")]
    assert samples[0] != samples[1]


def test_a_refiner_that_returns_its_input_is_said_to(tmp_path, inputs):
    content = run(tmp_path / "out", inputs | {"refined": inputs["crops"]})
    assert [line.startswith("The refiner returns its input") for line in content["warnings"]] == [True]
    figures = content["figures"]
    assert figures["frechet"] == figures["frechet_unrefined"] and figures["change_grey_levels"] == 0


def test_components_are_of_the_second_and_the_last_layer_with_equally_many_crops(tmp_path, inputs):
    run(tmp_path / "out", inputs)
    content = json.loads((tmp_path / "out" / "pca.json").read_text())
    assert content.keys() == {"pool2", "fire9", "explained"}
    for layer in ("pool2", "fire9"):
        assert {name: np.shape(points) for name, points in content[layer].items()} == {
            name: (5, 2) for name in ("cS", "cR_train", "cS+")
        }
        union = np.concatenate(list(content[layer].values()))
        np.testing.assert_allclose(union.mean(axis=0), 0, atol=1e-4)
        first, second = content["explained"][layer]
        assert 1 > first > second > 0 and np.ptp(union[:, 0]) > 0


def test_a_single_real_crop_has_no_components(tmp_path, inputs):
    alone = inputs | {"real": write_crops(tmp_path / "alone", blobs(1, seed=3))}
    run(tmp_path / "out", alone)
    assert json.loads((tmp_path / "out" / "pca.json").read_text()) == {"explained": {}}


def test_attention_is_measured_and_drawn_where_there_is_any(tmp_path, inputs):
    save_checkpoint(
        inputs["refiner"] / "refiner.pt", train(AgganConfig(**SHORT, attention=AttentionConfig(filters=4)))
    )
    content = run(tmp_path / "out", inputs)
    assert 0 < content["figures"]["mean_attention"] < 1
    picture = read_image(tmp_path / "out" / "samples.png")
    assert picture.shape[0] == 4 * 34 - 2
    grey = picture[2 * 34 : 2 * 34 + 32, :32].astype(int)
    assert np.ptp(grey, axis=-1).max() == 0


def test_an_early_stop_is_among_the_warnings(tmp_path, inputs):
    save_checkpoint(inputs["refiner"] / "refiner.pt", train(TINY) | {"stopped": "Stopped early, at step 7."})
    assert run(tmp_path / "out", inputs)["warnings"][0] == "Stopped early, at step 7."


def test_the_feature_networks_file_arrives_as_an_input(tmp_path, inputs):
    torch.save(squeezenet1_1(weights=None).state_dict(), tmp_path / "weights.pt")
    features = FeaturesConfig(network="squeezenet1_1", weights=WeightsFile(path="weights.pt"))
    config = replace(RUN, measuring=RUN.measuring.model_copy(update={"features": features}))
    given = inputs | {"weights": SourceFiles({"weights.pt": tmp_path / "weights.pt"})}
    assert run(tmp_path / "out", given, config)["extractor"].startswith("squeezenet1_1 fire9, file sha256:")
