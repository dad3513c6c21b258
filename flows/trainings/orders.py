"""What a worker of the pool gpu is asked to train, as small JSON: a person can fill in the same form."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from flows.configuration.mistakes import explain_mistakes
from tasks.artifacts.explanation import differences
from tasks.artifacts.lookup import find_artifact
from tasks.artifacts.opening import DEFAULT, StorePlace
from tasks.artifacts.recipe import Recipe, Ref, SourceFiles
from tasks.artifacts.store import Store
from tasks.building.elsewhere import Order
from tasks.training.trainable import Trainable

_KEY_DIGITS = 64


class TrainingOrder(BaseModel):
    """One artifact to be trained. Artifacts go by their keys or the first digits of these, weights files by their places
    on the worker.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str  # what is trained, e.g. refiner or detector, as `artifacts ls` calls it
    # of the training, with its seed, as `artifacts show` prints it of an artifact of the same kind
    config: dict[str, Any]
    inputs: dict[str, tuple[str, ...]]  # keys of the artifacts that it learns from, by what they are to it
    store: str = DEFAULT  # that the run and the workers share
    store_cache: str = DEFAULT  # the folder of the worker's host for what it used of a store with a URL
    label: str = "train"  # what the training is called in the UI and in logs
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


def write_order(trainable: Trainable[Any], order: Order, terms: Terms) -> TrainingOrder:
    """The step's order in a form that can be sent."""
    weights = order.inputs.get("weights", SourceFiles({}))
    assert isinstance(weights, SourceFiles)
    config = trainable.with_files(order.config, {name: str(path) for name, path in weights.files.items()})
    return TrainingOrder(
        kind=trainable.kind,
        config=TypeAdapter(trainable.config).dump_python(config, mode="json", by_alias=True),
        inputs={name: _keys(order.inputs[name]) for name in trainable.inputs},
        store=terms.store.url,
        store_cache=terms.store.cache,
        label=order.label,
        timeout_h=terms.timeout_h,
        wanted_by=terms.wanted_by,
        expected=order.recipe.parts,
    )


def read_order(trainable: Trainable[Any], order: TrainingOrder, store: Store) -> tuple[Any, dict[str, Any]]:
    """(config, inputs) of the step on this machine, where `auto` may be something else than where the order was sent.

    ValueError where the config does not fit, or an artifact or a file of weights is not here.
    """
    config = _read_config(trainable, order)
    inputs: dict[str, Any] = {name: _refs(trainable, order, name, store) for name in trainable.inputs}
    if trainable.has_weights:
        inputs["weights"] = trainable.weights_files(config)
    return trainable.without_places(config.settled()), inputs


def _read_config(trainable: Trainable[Any], order: TrainingOrder) -> Any:
    try:
        return TypeAdapter(trainable.config).validate_python(order.config)
    except ValidationError as error:
        mistakes = "; ".join(f"config.{mistake}" for mistake in explain_mistakes(error))
        raise ValueError(f"{order.label}: {mistakes}") from None


def _refs(trainable: Trainable[Any], order: TrainingOrder, name: str, store: Store) -> Ref | tuple[Ref, ...]:
    keys, kind = order.inputs.get(name, ()), trainable.inputs[name]
    is_many = name in trainable.many
    if not keys or (len(keys) > 1 and not is_many):
        wanted = "keys of one or more artifacts" if is_many else "the key of one artifact"
        raise ValueError(
            f"{order.label}: inputs.{name} must be {wanted} of the kind {kind}, but has {len(keys)}; "
            "`python -m flows artifacts ls` shows them"
        )
    refs = tuple(_ref(store, key, kind=kind) for key in keys)
    return refs if is_many else refs[0]


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
