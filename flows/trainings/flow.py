"""The flows `train_refiner` and `train_detector`: one training each, on a worker of the pool gpu."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from prefect import flow
from prefect.states import Completed, Failed

from flows.people.config import ComputeConfig
from flows.runs.recorded_run import recorded_run
from flows.server.crashed_runs import start_again
from flows.trainings.orders import (
    DetectorOrder,
    RefinerOrder,
    TrainingOrder,
    check_expected,
    read_detector_order,
    read_refiner_order,
)
from tasks.artifacts.opening import StorePlace
from tasks.artifacts.recipe import Ref
from tasks.artifacts.store import Store
from tasks.building.child_process import ChildFailed
from tasks.building.steps import Step
from tasks.training import detector_training, refiner_training


@flow(name="train-refiner", flow_run_name="{order.label}", on_crashed=[start_again], persist_result=False)
def train_refiner(order: RefinerOrder) -> Any:
    """Train one refiner, or find it in the store; ends as Built or Cached with the artifact's key."""
    order = order.settled()
    return _train(refiner_training.train_refiner, order, lambda store: read_refiner_order(order, store))


@flow(name="train-detector", flow_run_name="{order.label}", on_crashed=[start_again], persist_result=False)
def train_detector(order: DetectorOrder) -> Any:
    """Train one detector, or find it in the store; ends as Built or Cached with the artifact's key."""
    order = order.settled()
    return _train(detector_training.train_detector, order, lambda store: read_detector_order(order, store))


def _train(step: Step, order: TrainingOrder, read: Callable[[Store], tuple[Any, dict[str, Any]]]) -> Any:
    """The final state of the flow; a clear error is its message, which the run that sent the order shows."""
    record = order.model_dump(mode="json")
    place = StorePlace(order.store, order.store_cache)
    compute = ComputeConfig(num_workers=1, timeout_h=order.timeout_h)
    try:
        with recorded_run(f"train-{step.kind}", place, compute, record) as run:
            config, inputs = read(run.store)
            check_expected(order, step.recipe(config, inputs))
            ref = run.obtain(step, config, order.label, inputs)
            assert isinstance(ref, Ref), "only a plan has no artifact"
            is_built = run.was_built(ref)
    except (ValueError, ChildFailed) as error:
        return Failed(message=str(error))
    return Completed(name="Built" if is_built else "Cached", message=ref.key[:12], data=asdict(ref))
