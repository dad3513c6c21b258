import json
from pathlib import Path
from typing import Any

import pytest
import torch

from flows.pipelines.registry import find_trainable
from flows.trainings.orders import Terms, TrainingOrder, check_expected, read_order, write_order
from models.configs import WeightsFile
from models.detection.config import DetectorConfig
from models.features.config import FeaturesConfig
from models.translation.families.cyclegan_config import CycleganConfig, CycleganLosses
from tasks.artifacts.opening import StorePlace
from tasks.artifacts.recipe import Recipe, Ref
from tasks.artifacts.store import Store
from tasks.building.elsewhere import Order
from tasks.training.detector_training import TRAINABLE as DETECTOR
from tasks.training.detector_training import DetectorRun, train_detector
from tasks.training.refiner_training import TRAINABLE as REFINER
from tasks.training.refiner_training import train_refiner
from tasks.training.start_weights import weights_file
from tasks.training.translator_runs import RefinerRun


def publish(store: Store, kind: str, text: str) -> Ref:
    recipe = Recipe(kind, text, {}, ("tasks.building.steps",), ())
    return store.obtain(recipe, lambda out: (out / "file.txt").write_text(text) and None).ref


def sent(order: TrainingOrder) -> TrainingOrder:
    """What arrives at a worker: the order as JSON, there and back."""
    return TrainingOrder.model_validate(json.loads(json.dumps(order.model_dump(mode="json"))))


def terms(store: Store) -> Terms:
    return Terms(StorePlace(str(store.root)), wanted_by="run tiny")


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def weights(tmp_path) -> Path:
    torch.save({"weight": torch.zeros(2)}, tmp_path / "vgg.pt")
    return tmp_path / "vgg.pt"


def refiner_order(store: Store, weights: Path) -> Order:
    placed = CycleganConfig(
        epochs=None,
        steps=3,
        losses=CycleganLosses(mean_features=1.0),
        features=FeaturesConfig(weights=WeightsFile(path=str(weights))),
    )
    named = CycleganConfig(
        epochs=None,
        steps=3,
        losses=CycleganLosses(mean_features=1.0),
        features=FeaturesConfig(weights=WeightsFile(path=weights.name)),
    )
    inputs = {
        "synthetic": (publish(store, "crops", "a"), publish(store, "crops", "b")),
        "real": publish(store, "crops", "c"),
        "weights": REFINER.weights_files(RefinerRun(refiner=placed, seed=4, threads=2)),
    }
    return Order(
        "refiner", train_refiner.recipe(RefinerRun(refiner=named.settled(), seed=4, threads=2), inputs)
    )


def detector_order(store: Store, weights: Path) -> Order:
    placed = WeightsFile(path=str(weights))
    inputs = {
        "train": (publish(store, "detection-set", "a"),),
        "val": publish(store, "detection-set", "b"),
        "weights": weights_file(placed, field="detector.weights"),
    }
    detector = DetectorConfig(steps=7, weights=WeightsFile(path=weights.name)).settled()
    return Order("detector", train_detector.recipe(DetectorRun(detector=detector, seed=1, threads=1), inputs))


def test_a_worker_finds_the_key_of_the_refiner_that_a_run_ordered(store, weights):
    order = refiner_order(store, weights)
    received = sent(write_order(REFINER, order, terms(store)))
    config, inputs = read_order(find_trainable(received.kind), received, store)
    recipe = train_refiner.recipe(config, inputs)
    assert recipe.key == order.recipe.key
    assert (config.seed, config.threads, config.refiner.steps) == (4, 2, 3)
    check_expected(received, recipe)


def test_a_worker_finds_the_key_of_the_detector_that_a_run_ordered(store, weights):
    order = detector_order(store, weights)
    received = sent(write_order(DETECTOR, order, terms(store)))
    config, inputs = read_order(find_trainable(received.kind), received, store)
    recipe = train_detector.recipe(config, inputs)
    assert recipe.key == order.recipe.key
    check_expected(received, recipe)


def test_an_order_says_where_the_run_keeps_what_it_uses_of_a_shared_store_and_how_long_it_may_take(
    store, weights
):
    said = Terms(StorePlace("s3://bucket/site", "/data/cache"), "run tiny", timeout_h=0.5)
    for order in (
        write_order(REFINER, refiner_order(store, weights), said),
        write_order(DETECTOR, detector_order(store, weights), said),
    ):
        got = sent(order)
        assert (got.store, got.store_cache, got.timeout_h) == ("s3://bucket/site", "/data/cache", 0.5)


@pytest.mark.parametrize(
    ("part", "value", "words"),
    [
        ("code", "0" * 16, 'code: "0000000000000000" -> "'),
        ("libraries", {"torch": "1.0", "numpy": "1.26.4"}, 'libraries.torch: "1.0" -> "'),
    ],
)
def test_a_worker_with_other_code_or_libraries_refuses_and_names_them(store, weights, part, value, words):
    order = write_order(REFINER, refiner_order(store, weights), terms(store))
    other = order.model_copy(update={"expected": {**(order.expected or {}), part: value}})
    config, inputs = read_order(REFINER, other, store)
    recipe = train_refiner.recipe(config, inputs)
    with pytest.raises(ValueError, match="another artifact than the run asks for") as error:
        check_expected(other, recipe)
    assert words in str(error.value)


def refiner_of_a_person(synthetic: tuple[str, ...], real: str, **config: Any) -> TrainingOrder:
    inputs = {"synthetic": synthetic, "real": (real,)}
    return TrainingOrder(
        kind="refiner", config={"refiner": {}, "seed": 0, "threads": 1} | config, inputs=inputs
    )


def test_a_person_gives_the_first_digits_of_keys_and_expects_nothing(store):
    crops = publish(store, "crops", "a")
    order = refiner_of_a_person((crops.key[:8],), crops.key[:8])
    config, inputs = read_order(REFINER, order, store)
    assert inputs["synthetic"] == (crops,) and inputs["real"] == crops
    check_expected(order, train_refiner.recipe(config, inputs))


@pytest.mark.parametrize(
    ("kind", "key", "words"),
    [
        ("detection-set", None, r"is of the kind detection-set, but one of the kind crops is needed"),
        (
            "crops",
            "f" * 64,
            r"has no artifact ffffffffffff, or it is damaged; let this worker use the store of the run",
        ),
        ("crops", "ffff", r"no artifact has a key that starts with 'ffff'"),
    ],
)
def test_an_order_for_artifacts_that_are_not_there_or_are_others_is_refused(store, kind, key, words):
    ref = publish(store, kind, "a")
    with pytest.raises(ValueError, match=words):
        read_order(REFINER, refiner_of_a_person((key or ref.key,), ref.key), store)


def test_a_wrong_field_is_named(store):
    ref = publish(store, "crops", "a")
    order = refiner_of_a_person((ref.key,), ref.key, refiner={"epoch": 3})
    with pytest.raises(ValueError, match=r"config\.refiner\..*epoch is not a known field"):
        read_order(REFINER, order, store)


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        (
            {"real": ("a",)},
            r"inputs\.synthetic must be keys of one or more artifacts of the kind crops, but has 0",
        ),
        ({"synthetic": ("a",)}, r"inputs\.real must be the key of one artifact of the kind crops, but has 0"),
        (
            {"synthetic": ("a",), "real": ("a", "a")},
            r"inputs\.real must be the key of one artifact .*, but has 2",
        ),
    ],
)
def test_inputs_that_are_missing_or_too_many_are_named(store, inputs, words):
    key = publish(store, "crops", "a").key
    order = refiner_of_a_person((key,), key)
    keys = {name: tuple(key for _ in values) for name, values in inputs.items()}
    with pytest.raises(ValueError, match=words):
        read_order(REFINER, order.model_copy(update={"inputs": keys}), store)


def test_a_kind_that_nothing_trains_is_refused():
    with pytest.raises(
        ValueError,
        match="kind must be one of refiner, detector, segmenter, cycle-segmenter, translator, mask-vae, super-resolution, "
        "dirty-gan, but was 'crops'",
    ):
        find_trainable("crops")
