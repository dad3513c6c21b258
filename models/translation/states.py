"""A training as a state that can be saved, and back."""

from typing import Any

from models.configs import to_plain
from models.training.checkpoints import State, load_weights, require_kind, require_resumable, snapshot
from models.training.loss_log import require_finite_weights
from models.translation.starting import Training


def finished_state(training: Training) -> State:
    """What `refine` takes. TrainingDivergedError if a weight is not finite."""
    learners = training.learners
    require_finite_weights(learners.networks.values(), step=training.step)
    return snapshot(
        {
            "kind": "refiner",
            **_identity(training),
            "extractor": training.extractor,
            "step": training.step,
            "stopped": None,
            "networks": learners.networks.state_dict(),
            "average": learners.average.weights if learners.average is not None else None,
            "history": training.history,
            "observations": training.observations,
        }
    )


def resumable_state(training: Training) -> State:
    """A finished state with what training goes on from: optimisers, and the pools of every process."""
    learners = training.learners
    optimizers = {name: optimizer.state_dict() for name, optimizer in learners.optimizers.items()}
    pools = snapshot({name: pool.images for name, pool in learners.pools.items()})
    gathered = learners.processes.gather(pools)
    return finished_state(training) | snapshot({"optimizers": optimizers, "pools": gathered})


def stopped_state(state: State, *, reason: str) -> State:
    """A resumable state as a finished one, with the reason why there is no later one."""
    finished = {name: value for name, value in state.items() if name not in ("optimizers", "pools")}
    return finished | {"stopped": f"Stopped early, with the weights of step {state['step']}. {reason}"}


def restore(training: Training, state: State) -> None:
    """Go on from a resumable state. ValueError if it is none, or of another training."""
    learners = training.learners
    require_kind(state, "refiner")
    require_resumable(state, expected=_identity(training))
    load_weights(learners.networks, state["networks"])
    device = next(learners.networks.parameters()).device
    for name, optimizer in learners.optimizers.items():
        optimizer.load_state_dict(state["optimizers"][name])
        for group in optimizer.param_groups:
            group["lr"] = group["lr"].to(device)
            group["capturable"] = device.type == "cuda"  # the state may have been saved on another device
    for name, images in state["pools"][learners.processes.rank].items():
        learners.pools[name].images = images.to(device) if images is not None else None
    if learners.average is not None:
        learners.average.load(state["average"])
    training.step = state["step"]
    training.history.extend(state["history"])
    training.observations.extend(state["observations"])
    training.last_good = state


def _identity(training: Training) -> dict[str, Any]:
    """What a state must have in common with the training that it goes on in."""
    return {
        "config": to_plain(training.learners.config),
        "seed": training.seed,
        "image_hw": list(training.shapes.image_hw),
        "channels": dict(training.shapes.channels),
    }
