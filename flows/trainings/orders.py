"""What a worker of the pool gpu is asked to train, as small JSON: a person can fill in the same form."""

from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from flows.configuration.refiners import RefinerToTrain
from models.detection.config import DetectorConfig
from models.translation.families.cyclegan_config import CycleganConfig
from tasks.artifacts.explanation import differences
from tasks.artifacts.lookup import find_artifact
from tasks.artifacts.opening import DEFAULT, StorePlace
from tasks.artifacts.recipe import Recipe, Ref, SourceFiles
from tasks.artifacts.store import Store
from tasks.building.elsewhere import Order
from tasks.training.detector_training import DetectorRun
from tasks.training.refiner_training import RefinerRun, each_weights, feature_weights
from tasks.training.start_weights import found, weights_file, without_place

_KEY_DIGITS = 64


class TrainingOrder(BaseModel):
    """What orders of refiners and detectors share. Artifacts go by their keys, or the first digits of these."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    store: str = DEFAULT  # that the run and the workers share
    store_cache: str = DEFAULT  # the folder of the worker's host for what it used of a store with a URL
    label: str = "train"  # what the training is called in the UI and in logs
    seed: int = 0  # another one gives other weights
    # CPU threads; with another number the last bits of the weights may differ
    threads: int = Field(default=1, ge=1)
    # hours after which the training is ended; None: never
    timeout_h: float | None = Field(default=None, gt=0)
    wanted_by: str = ""  # the run that sent the order, for logs
    # filled in by runs: what decides the artifact there; leave it empty
    expected: dict[str, Any] | None = None


@dataclass(frozen=True)
class Terms:
    """What all orders of a run say: where its artifacts are, which run it is, and how long one training may take."""

    store: StorePlace
    wanted_by: str = ""
    timeout_h: float | None = None


class RefinerOrder(TrainingOrder):
    """One refiner to train. Weights files are given by their places on the worker."""

    refiner: RefinerToTrain = CycleganConfig()  # the refiner and its training, as in a run's configuration
    # keys of the synthetic crops, of the kind crops in `artifacts ls`
    synthetic: tuple[str, ...] = Field(min_length=1)
    real: str  # key of the real crops, of the kind crops in `artifacts ls`

    def settled(self) -> "RefinerOrder":
        """The same with the precision that `auto` is on this worker: what the record of the training says."""
        return self.model_copy(update={"refiner": self.refiner.settled()})


class DetectorOrder(TrainingOrder):
    """One detector to train. A weights file is given by its place on the worker."""

    detector: DetectorConfig = DetectorConfig()  # the detector and its training, as in a run's configuration
    # keys of the training sets, of the kind detection-set in `artifacts ls`
    train: tuple[str, ...] = Field(min_length=1)
    val: str  # key of the validation set, of the kind detection-set in `artifacts ls`

    def settled(self) -> "DetectorOrder":
        """The same with the precision that `auto` is on this worker: what the record of the training says."""
        return self.model_copy(update={"detector": self.detector.settled()})


def order_refiner(order: Order, terms: Terms) -> RefinerOrder:
    """The step's order in a form that can be sent."""
    run, inputs = order.config, order.inputs
    assert isinstance(run, RefinerRun)
    places = _places(inputs["weights"])
    return RefinerOrder(
        **_shared(order, terms),
        refiner=each_weights(run.refiner, lambda weights: found(weights, places)),
        seed=run.seed,
        threads=run.threads,
        synthetic=_keys(inputs["synthetic"]),
        real=_keys(inputs["real"])[0],
    )


def order_detector(order: Order, terms: Terms) -> DetectorOrder:
    """The step's order in a form that can be sent."""
    run, inputs = order.config, order.inputs
    assert isinstance(run, DetectorRun)
    weights = found(run.detector.weights, _places(inputs["weights"]))
    return DetectorOrder(
        **_shared(order, terms),
        detector=replace(run.detector, weights=weights),
        seed=run.seed,
        threads=run.threads,
        train=_keys(inputs["train"]),
        val=_keys(inputs["val"])[0],
    )


def _shared(order: Order, terms: Terms) -> dict[str, Any]:
    return {
        "store": terms.store.url,
        "store_cache": terms.store.cache,
        "label": order.label,
        "timeout_h": terms.timeout_h,
        "wanted_by": terms.wanted_by,
        "expected": order.recipe.parts,
    }


def read_refiner_order(order: RefinerOrder, store: Store) -> tuple[RefinerRun, dict[str, Any]]:
    """(config, inputs) of the step; ValueError where an artifact or a file of weights is not here."""
    refiner = each_weights(order.settled().refiner, without_place)
    inputs = {
        "synthetic": tuple(_ref(store, key, kind="crops") for key in order.synthetic),
        "real": _ref(store, order.real, kind="crops"),
        "weights": feature_weights(order.refiner),
    }
    return RefinerRun(refiner=refiner, seed=order.seed, threads=order.threads), inputs


def read_detector_order(order: DetectorOrder, store: Store) -> tuple[DetectorRun, dict[str, Any]]:
    """(config, inputs) of the step; ValueError where an artifact or a file of weights is not here."""
    detector = replace(order.settled().detector, weights=without_place(order.detector.weights))
    inputs = {
        "train": tuple(_ref(store, key, kind="detection-set") for key in order.train),
        "val": _ref(store, order.val, kind="detection-set"),
        "weights": weights_file(order.detector.weights, field="detector.weights"),
    }
    return DetectorRun(detector=detector, seed=order.seed, threads=order.threads), inputs


def check_expected(order: TrainingOrder, recipe: Recipe) -> None:
    """ValueError where this worker would make another artifact than the run that sent the order wants."""
    different = differences(order.expected, recipe.parts) if order.expected is not None else []
    if different:
        raise ValueError(
            f"{order.label}: this worker would make another artifact than the run asks for ({'; '.join(different)}); give "
            "the worker the run's version of the code and of the libraries, or set compute.trainings: here"
        )


def _ref(store: Store, key: str, *, kind: str) -> Ref:
    ref = store.find(key if len(key) == _KEY_DIGITS else find_artifact(store, key).key)
    if ref is None:
        raise ValueError(
            f"the store {store.place} has no artifact {key[:12]}, or it is damaged; let this worker use the store of the "
            "run, and run the configuration again"
        )
    if ref.kind != kind:
        raise ValueError(
            f"the artifact {key[:12]} is of the kind {ref.kind}, but one of the kind {kind} is needed"
        )
    return ref


def _keys(value: Any) -> tuple[str, ...]:
    return tuple(ref.key for ref in (value if isinstance(value, tuple) else (value,)))


def _places(weights: Any) -> dict[str, str]:
    assert isinstance(weights, SourceFiles)
    return {name: str(path) for name, path in weights.files.items()}
