"""What a whole step does with its parts, and that it can be recorded as a CUDA graph, tried without a GPU."""

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from models.training.moving_average import MovingAverage
from models.translation import losses, updating
from models.translation.adversarial import gradient_penalty, r1_penalty
from models.translation.augmentation import augment
from models.translation.families.family import Adversary, Phase, Scores, as_scales
from models.translation.updating import Learners, discriminator_objective, train_step
from tests.models.translation.objectives import CASES, CONFIGS, SIDE_PX, make_batch, make_learners

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


def run_step(name: str) -> tuple[Learners, dict[str, Tensor], list[Tensor]]:
    """A step of a configuration, with all that discriminator b was shown, in order. Its pool returns place 0: zeros."""
    learners, shown = make_learners(CONFIGS[name]), list[Tensor]()
    complete(learners, fused_adam)
    learners.networks["discriminator_b"].register_forward_pre_hook(
        lambda network, given: shown.append(given[0].detach().clone())
    )
    batch = step_inputs(learners)
    train_step(learners, batch, "free")
    return learners, batch, shown


def kept_fake(learners: Learners) -> Tensor:
    images = learners.pools["fake_b"].images
    assert images is not None
    return images[:1]


def test_discriminators_learn_from_the_pool_and_generators_from_their_own_images():
    learners, batch, shown = run_step("cyclegan")
    torch.testing.assert_close(shown[0], kept_fake(learners))
    torch.testing.assert_close(shown[-1], torch.cat((batch["real_b"], torch.zeros_like(batch["real_b"]))))


def test_generators_and_discriminators_look_through_augmentations_of_their_own():
    learners, batch, shown = run_step("cyclegan, another game")
    kinds = learners.config.adversarial.augment
    numbers = {look: batch[f"augment_fake_b_{look}"] for look in ("generator", "fake", "real")}
    torch.testing.assert_close(shown[0], augment(kept_fake(learners), numbers["generator"], kinds))
    pooled = torch.zeros_like(batch["real_b"])
    looks = (augment(batch["real_b"], numbers["real"], kinds), augment(pooled, numbers["fake"], kinds))
    torch.testing.assert_close(shown[1], torch.cat(looks))


def test_the_discriminators_objective_is_the_games_with_ten_penalties_and_half_of_r1():
    learners = make_learners(CONFIGS["cyclegan, another game"])
    (adversary,) = (each for each in learners.family.adversaries if each.fake == "fake_b")
    values = make_batch(learners.config)
    values["pooled"] = values["real_b"].flip(-1)
    score, kinds = learners.networks["discriminator_b"], learners.config.adversarial.augment
    real = augment(values["real_b"], values["augment_fake_b_real"], kinds)
    fake = augment(values["pooled"], values["augment_fake_b_fake"], kinds)
    expected = (
        score(fake).mean()
        - score(real).mean()
        + 10 * gradient_penalty(score, real, fake, values["mix_fake_b"])
        + 0.5 * r1_penalty(score, real)
    )
    torch.testing.assert_close(discriminator_objective(learners, adversary, values, "free"), expected)


def masked(learners: Learners) -> Adversary:
    """Discriminator b, which judges three channels and counts the pixels by the fourth, a mask that travels along."""
    (plain,) = (each for each in learners.family.adversaries if each.fake == "fake_b")

    def judge(discriminator: nn.Module, seen_bchw: Tensor, config: Any, phase: Phase) -> Scores:
        return as_scales(discriminator(seen_bchw[:, :3]))

    return replace(plain, judge=judge, weigh=lambda seen_bchw: seen_bchw[:, 3:])


def test_an_adversary_with_pixel_weights_looks_only_where_its_mask_is():
    learners = make_learners(CONFIGS["cyclegan"])
    batch = make_batch(learners.config)
    mask = torch.zeros(1, 1, SIDE_PX, SIDE_PX)
    mask[..., : SIDE_PX // 2] = 1
    values = batch | {
        "fake_b": torch.cat((batch["real_a"], mask), 1),
        "real_b": torch.cat((batch["real_b"], 1 - mask), 1),
        "pooled": torch.cat((batch["real_a"], mask), 1),
    }
    loss = discriminator_objective(learners, masked(learners), values, "free")
    judge = learners.networks["discriminator_b"]
    real, fake = judge(batch["real_b"]), judge(batch["real_a"])
    places = torch.nn.functional.adaptive_avg_pool2d(mask, fake.shape[-2:])
    expected = (
        ((real - 1).square() * (1 - places)).sum() / (1 - places).sum()
        + (fake.square() * places).sum() / places.sum()
    ) / 2
    torch.testing.assert_close(loss, expected)


def test_a_step_moves_the_average_towards_the_new_weights():
    learners = make_learners(CONFIGS["cyclegan"])
    complete(learners, fused_adam)
    weights = dict(learners.family.generators(learners.networks).named_parameters())
    before = {name: weight.detach().clone() for name, weight in weights.items()}
    train_step(learners, step_inputs(learners) | {"average_weight": torch.tensor(0.25)}, "free")
    assert learners.average is not None
    for name, weight in weights.items():
        torch.testing.assert_close(
            learners.average.weights[name], 0.75 * before[name] + 0.25 * weight.detach()
        )
    assert any(not torch.equal(weight, before[name]) for name, weight in weights.items())


def test_the_losses_of_a_step_hold_no_graph():
    learners = make_learners(CONFIGS["cyclegan"])
    complete(learners, fused_adam)
    measured = train_step(learners, step_inputs(learners), "free")
    assert len(measured) > 4 and not any(loss.requires_grad for loss in measured.values())


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
    for module in (updating, losses):
        monkeypatch.setattr(module, "autocast", lambda device, precision: nullcontext())
    learners = make_learners(case.config)
    learners.networks.to("meta")
    if learners.features is not None:
        learners.features.__self__.to("meta")  # type: ignore[attr-defined]
    complete(learners, PlainDescent)
    batch = {name: value.to("meta") for name, value in step_inputs(learners).items()}
    with Recordable("meta"):
        measured = train_step(learners, batch, case.phase)
    assert all(loss.shape == () for loss in measured.values())


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
