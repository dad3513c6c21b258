import json
from pathlib import Path

import pytest
import torch

from flows.trainings.orders import (
    DetectorOrder,
    RefinerOrder,
    Terms,
    check_expected,
    order_detector,
    order_refiner,
    read_detector_order,
    read_refiner_order,
)
from models.arithmetic.precision import settle
from models.configs import WeightsFile
from models.detection.config import DetectorConfig
from models.features.config import FeaturesConfig
from models.translation.families.cyclegan_config import CycleganConfig, CycleganLosses
from tasks.artifacts.opening import StorePlace
from tasks.artifacts.recipe import Recipe, Ref
from tasks.artifacts.store import Store
from tasks.building.elsewhere import Order
from tasks.training.detector_training import DetectorRun, train_detector
from tasks.training.refiner_training import RefinerRun, feature_weights, train_refiner
from tasks.training.start_weights import weights_file


def publish(store: Store, kind: str, text: str) -> Ref:
    recipe = Recipe(kind, text, {}, ("tasks.building.steps",), ())
    return store.obtain(recipe, lambda out: (out / "file.txt").write_text(text) and None).ref


def sent(order: RefinerOrder | DetectorOrder) -> dict:
    """What arrives at a worker: the order as JSON, there and back."""
    return json.loads(json.dumps(order.model_dump(mode="json")))


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
        "weights": feature_weights(placed),
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
    received = RefinerOrder.model_validate(sent(order_refiner(order, terms(store))))
    config, inputs = read_refiner_order(received, store)
    recipe = train_refiner.recipe(config, inputs)
    assert recipe.key == order.recipe.key
    assert (config.seed, config.threads, config.refiner.steps) == (4, 2, 3)
    check_expected(received, recipe)


def test_a_worker_finds_the_key_of_the_detector_that_a_run_ordered(store, weights):
    order = detector_order(store, weights)
    received = DetectorOrder.model_validate(sent(order_detector(order, terms(store))))
    config, inputs = read_detector_order(received, store)
    recipe = train_detector.recipe(config, inputs)
    assert recipe.key == order.recipe.key
    check_expected(received, recipe)


def test_an_order_says_where_the_run_keeps_what_it_uses_of_a_shared_store_and_how_long_it_may_take(
    store, weights
):
    said = Terms(StorePlace("s3://bucket/site", "/data/cache"), "run tiny", timeout_h=0.5)
    for order, form in (
        (order_refiner(refiner_order(store, weights), said), RefinerOrder),
        (order_detector(detector_order(store, weights), said), DetectorOrder),
    ):
        got = form.model_validate(sent(order))
        assert (got.store, got.store_cache, got.timeout_h) == ("s3://bucket/site", "/data/cache", 0.5)


@pytest.mark.parametrize(
    ("part", "value", "words"),
    [
        ("code", "0" * 16, 'code: "0000000000000000" -> "'),
        ("libraries", {"torch": "1.0", "numpy": "1.26.4"}, 'libraries.torch: "1.0" -> "'),
    ],
)
def test_a_worker_with_other_code_or_libraries_refuses_and_names_them(store, weights, part, value, words):
    order = order_refiner(refiner_order(store, weights), terms(store))
    other = order.model_copy(update={"expected": {**(order.expected or {}), part: value}})
    config, inputs = read_refiner_order(other, store)
    recipe = train_refiner.recipe(config, inputs)
    with pytest.raises(ValueError, match="another artifact than the run asks for") as error:
        check_expected(other, recipe)
    assert words in str(error.value)


def test_a_person_gives_the_first_digits_of_keys_and_expects_nothing(store):
    crops = publish(store, "crops", "a")
    order = RefinerOrder(synthetic=(crops.key[:8],), real=crops.key[:8])
    config, inputs = read_refiner_order(order, store)
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
    order = RefinerOrder(synthetic=(key or ref.key,), real=ref.key)
    with pytest.raises(ValueError, match=words):
        read_refiner_order(order, store)


def test_an_order_that_a_person_wrote_is_recorded_with_the_precision_of_the_worker():
    refining = RefinerOrder(synthetic=("a" * 64,), real="b" * 64).settled()
    detecting = DetectorOrder(train=("a" * 64,), val="b" * 64).settled()
    assert refining.refiner.precision == detecting.detector.precision == settle("auto", "auto")
