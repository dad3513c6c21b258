"""That a whole step can be recorded as a CUDA graph, tried without a GPU."""

from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from models.translation import updating
from models.translation.moving_average import MovingAverage
from models.translation.updating import Learners, train_step
from tests.models.translation.objectives import CASES, make_batch, make_learners

READS_BACK = {"aten::_local_scalar_dense", "aten::item", "aten::equal", "aten::is_nonzero"}
COPIES_FROM_THE_HOST = {"aten::lift_fresh"}  # what torch.tensor calls, also where it is given a device
SHAPED_BY_VALUES = {
    "aten::nonzero",
    "aten::masked_select",
    "aten::_unique2",
    "aten::repeat_interleave.Tensor",
}


class Recordable(TorchDispatchMode):
    """Refuses what cannot be recorded: values read back, shapes that depend on values, tensors of another device."""

    def __init__(self, device: str) -> None:
        super().__init__()
        self.device = device

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        assert func.name() not in READS_BACK | SHAPED_BY_VALUES | COPIES_FROM_THE_HOST, func.name()
        result = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            assert not isinstance(leaf, Tensor) or leaf.device.type == self.device, (
                f"{func.name()} makes a tensor on {leaf.device}, from which a recorded step cannot copy"
            )
        return result


class PlainDescent(torch.optim.Optimizer):
    """Stands in for the fused Adam, which does not run on the meta device."""

    def __init__(self, parameters: Iterable[Tensor]) -> None:
        super().__init__(parameters, {"lr": torch.zeros((), device="meta")})

    def step(self, closure: None = None) -> None:
        with torch.no_grad():
            for group in self.param_groups:
                for parameter in group["params"]:
                    if parameter.grad is not None:
                        parameter -= group["lr"] * parameter.grad


def fused_adam(parameters: Iterable[Tensor]) -> torch.optim.Optimizer:
    return torch.optim.Adam(parameters, lr=torch.tensor(1e-3), fused=True)


def complete(learners: Learners, optimizer: Any) -> None:
    generators = learners.family.generators(learners.networks)
    judges = nn.ModuleList(learners.networks[each.discriminator] for each in learners.family.adversaries)
    learners.optimizers = {
        "generators": optimizer(generators.parameters()),
        "discriminators": optimizer(judges.parameters()),
    }
    learners.average = MovingAverage(generators)


def step_inputs(learners: Learners) -> dict[str, Tensor]:
    numbers = {"learning_rate": torch.tensor(1e-3), "average_weight": torch.tensor(0.1)}
    pools = {f"pool_{each.fake}": torch.tensor([[0, 1]]) for each in learners.family.adversaries}
    return make_batch(learners.config) | numbers | pools


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_step_reads_nothing_back(case):
    learners = make_learners(case.config)
    complete(learners, fused_adam)
    batch = step_inputs(learners)
    with Recordable("cpu"):
        train_step(learners, batch, case.phase)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_step_runs_on_shapes_alone_and_makes_nothing_on_the_host(case, monkeypatch):
    # Tensors on the meta device have no values: whatever depends on one fails.
    monkeypatch.setattr(updating, "autocast", lambda device, precision: nullcontext())
    learners = make_learners(case.config)
    learners.networks.to("meta")
    if learners.features is not None:
        learners.features.__self__.to("meta")  # type: ignore[attr-defined]
    complete(learners, PlainDescent)
    batch = {name: value.to("meta") for name, value in step_inputs(learners).items()}
    with Recordable("meta"):
        losses = train_step(learners, batch, case.phase)
    assert all(loss.shape == () for loss in losses.values())


@pytest.mark.parametrize(
    "use",
    [
        lambda value: value.item(),
        lambda value: value[value > 0],
        lambda value: value + torch.zeros(1).to(value.device),
        lambda value: value + torch.tensor([1.0], device=value.device),
    ],
)
def test_the_guard_refuses_what_a_graph_cannot_record(use):
    with pytest.raises((AssertionError, RuntimeError)), Recordable("meta"):
        use(torch.ones(3, device="meta"))
