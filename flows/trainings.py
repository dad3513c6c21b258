"""The flows `train_refiner` and `train_detector`: one training each, on a worker of the pool gpu."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from prefect import flow
from prefect.states import Completed, Failed

from flows.recorded_run import recorded_run
from flows.run_config import ComputeConfig
from flows.training_orders import (
    DetectorOrder,
    RefinerOrder,
    TrainingOrder,
    check_expected,
    read_detector_order,
    read_refiner_order,
)
from tasks import detector_training, journey, refiner_training
from tasks.artifacts import Ref
from tasks.child_process import ChildFailed
from tasks.run_context import Run
from tasks.steps import Step


@flow(name="train-refiner", flow_run_name="{order.label}", persist_result=False)
def train_refiner(order: RefinerOrder) -> Any:
    """Train one refiner, or find it in the store; ends as Built or Cached with the artifact's key."""

    def train(run: Run) -> Ref:
        config, inputs = read_refiner_order(order, run.store)
        _check(refiner_training.train_refiner, order, config, inputs)
        return journey.train_refiner(config, **inputs, label=order.label)

    return _recorded("train-refiner", order, train)


@flow(name="train-detector", flow_run_name="{order.label}", persist_result=False)
def train_detector(order: DetectorOrder) -> Any:
    """Train one detector, or find it in the store; ends as Built or Cached with the artifact's key."""

    def train(run: Run) -> Ref:
        config, inputs = read_detector_order(order, run.store)
        _check(detector_training.train_detector, order, config, inputs)
        return journey.train_detector(config, **inputs, label=order.label)

    return _recorded("train-detector", order, train)


def _check(step: Step, order: TrainingOrder, config: Any, inputs: dict[str, Any]) -> None:
    parts = {name: tuple(part) if isinstance(part, list) else part for name, part in inputs.items()}
    check_expected(order, step.recipe(config, parts))


def _recorded(name: str, order: TrainingOrder, train: Callable[[Run], Ref]) -> Any:
    """The final state of the flow; a clear error is its message, which the run that sent the order shows."""
    record = order.model_dump(mode="json")
    try:
        with recorded_run(name, order.store, ComputeConfig(num_workers=1), record) as run:
            ref = train(run)
            state = "Built" if run.was_built(ref) else "Cached"
    except (ValueError, ChildFailed) as error:
        return Failed(message=str(error))
    return Completed(name=state, message=ref.key[:12], data=asdict(ref))
