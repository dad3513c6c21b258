"""The flow `train`: one training of any kind, on a worker of the pool gpu."""

from dataclasses import asdict
from typing import Any

from prefect import flow
from prefect.states import Completed, Failed

from flows.configuration.run import ComputeConfig
from flows.pipelines.registry import find_trainable
from flows.runs.recorded_run import recorded_run
from flows.server.crashed_runs import start_again
from flows.trainings.orders import TrainingOrder, check_expected, read_order
from tasks.artifacts.opening import StorePlace
from tasks.artifacts.recipe import Ref
from tasks.building.child_process import ChildFailed


@flow(name="train", flow_run_name="{order.label}", on_crashed=[start_again], persist_result=False)
def train(order: TrainingOrder) -> Any:
    """Train what is ordered, or find it in the store; ends as Built or Cached with the artifact's key.

    A clear error is the message of its failed state, which the run that sent the order shows.
    """
    place = StorePlace(order.store, order.store_cache)
    compute = ComputeConfig(num_workers=1, timeout_h=order.timeout_h)
    try:
        trainable = find_trainable(order.kind)
        with recorded_run(f"train-{order.kind}", place, compute, order.model_dump(mode="json")) as run:
            config, inputs = read_order(trainable, order, run.store)
            check_expected(order, trainable.step.recipe(config, inputs))
            ref = run.obtain(trainable.step, config, order.label, inputs)
            assert isinstance(ref, Ref), "only a plan has no artifact"
            is_built = run.was_built(ref)
    except (ValueError, ChildFailed) as error:
        return Failed(message=str(error))
    return Completed(name="Built" if is_built else "Cached", message=ref.key[:12], data=asdict(ref))
