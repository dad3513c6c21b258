import pytest
import torch
from torch import nn

from models.training.optimizers import ParameterGroup, build_optimizer, set_learning_rate, split_weights
from models.training.supervised_config import SupervisedConfig


def network() -> nn.ModuleDict:
    return nn.ModuleDict({name: nn.Linear(2, 2) for name in ("backbone", "neck", "head")})


GROUPS = (ParameterGroup("backbone.", 0.1), ParameterGroup("head.bias", 2.0))


def test_every_weight_is_in_just_one_group():
    parts = network()
    rest, backbone, bias = split_weights(parts, GROUPS)
    assert [id(each) for each in backbone] == [id(each) for each in parts["backbone"].parameters()]
    assert [id(each) for each in bias] == [id(parts["head"].bias)]
    assert [id(each) for each in rest] == [
        id(each) for each in (*parts["neck"].parameters(), parts["head"].weight)
    ]


def test_the_first_group_that_names_a_weight_has_it():
    groups = (ParameterGroup("head.weight", 0.5), ParameterGroup("head.", 0.2))
    assert [len(members) for members in split_weights(network(), groups)] == [4, 1, 1]


def test_a_group_without_weights_is_our_mistake():
    with pytest.raises(AssertionError, match="no weight of ModuleDict is left that begins with backbones"):
        split_weights(network(), (ParameterGroup("backbones.", 1.0),))


def test_each_group_has_its_part_of_the_rate():
    optimizer = build_optimizer(network(), SupervisedConfig(steps=1, weight_decay=0.05), GROUPS)
    set_learning_rate(optimizer, 0.4, GROUPS)
    assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([0.4, 0.04, 0.8])
    assert {group["weight_decay"] for group in optimizer.param_groups} == {0.05}


def test_a_factor_of_0_keeps_weights_as_they_are():
    parts, groups = network(), (ParameterGroup("head.", 0.0),)
    before = parts["head"].weight.detach().clone()
    optimizer = build_optimizer(parts, SupervisedConfig(steps=1, weight_decay=0.5), groups)
    torch.stack([weight.sum() for weight in parts.parameters()]).sum().backward()
    set_learning_rate(optimizer, 0.1, groups)
    optimizer.step()
    assert torch.equal(parts["head"].weight, before)


def test_adam_remembers_as_configured_and_as_ever_by_default():
    for changes, betas in (({}, (0.9, 0.999)), ({"adam_beta1": 0.5, "adam_beta2": 0.99}, (0.5, 0.99))):
        (group,) = build_optimizer(network(), SupervisedConfig(steps=1, **changes)).param_groups
        assert group["betas"] == betas


def test_without_weight_decay_it_is_plain_adam():
    ours, plain = network(), network()
    plain.load_state_dict(ours.state_dict())
    optimizers = (
        build_optimizer(ours, SupervisedConfig(steps=1, learning_rate=0.1, weight_decay=0.0, adam_beta1=0.5)),
        torch.optim.Adam(plain.parameters(), lr=0.1, betas=(0.5, 0.999)),
    )
    for step in range(3):
        for parts, optimizer in zip((ours, plain), optimizers, strict=True):
            optimizer.zero_grad()
            torch.stack([(weight - step).square().sum() for weight in parts.parameters()]).sum().backward()
            optimizer.step()
    for name, weight in ours.state_dict().items():
        torch.testing.assert_close(weight, plain.state_dict()[name])
