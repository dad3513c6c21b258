"""Gradients of every network, as training computes them, against float64 with an instance norm written out.

Equal code in float64 would not do: torch's own instance norm has a wrong gradient there, too, where the incoming one
is channels_last.
"""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.features.config import FeaturesConfig
from models.features.networks import FeatureNetwork
from models.translation.families.family import as_scales
from models.translation.networks.norms import InstanceNorm
from tests.models.processor import needs_native_bf16
from tests.models.translation.objectives import (
    CASES,
    CONFIGS,
    Case,
    make_batch,
    make_learners,
    objective_gradients,
)


def plain_instance_norm(values_bchw: Tensor, *args: object, eps: float = 1e-5, **kwargs: object) -> Tensor:
    centred = values_bchw - values_bchw.mean((2, 3), keepdim=True)
    return centred / (centred.square().mean((2, 3), keepdim=True) + eps).sqrt()


def exact_gradients(case: Case) -> dict[str, Tensor]:
    """Everything in float64, also what the losses cast to float32, with the plain norm."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(functional, "instance_norm", plain_instance_norm)
        patch.setattr(Tensor, "float", Tensor.double)
        return significant(objective_gradients(case, dtype=torch.float64))


def significant(gradients: dict[str, Tensor]) -> dict[str, Tensor]:
    """Without those of biases that an instance norm removes: they are 0, up to rounding."""
    largest = max(float(gradient.norm()) for gradient in gradients.values())
    return {name: value for name, value in gradients.items() if value.norm() > 1e-9 * largest}


def relative_errors(found: dict[str, Tensor], exact: dict[str, Tensor]) -> dict[str, float]:
    return {name: float((found[name] - exact[name]).norm() / exact[name].norm()) for name in exact}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_gradients_of_the_whole_objectives_are_those_of_float64(case):
    exact = exact_gradients(case)
    errors = relative_errors(objective_gradients(case), exact)
    assert len(exact) > 10
    assert max(errors.values()) < 1e-3, max(errors, key=errors.__getitem__)


def test_gradients_through_features_are_exact_where_no_relu_can_flip(monkeypatch):
    # With ReLUs and max pools single weights differ by 1e-3: rounding flips some of them. Without: 6e-6.
    build = FeatureNetwork.__init__

    def build_smooth(network: FeatureNetwork, config: FeaturesConfig) -> None:
        build(network, config)
        for stage in network.stages.children():
            for name, module in list(stage.named_children()):
                if isinstance(module, nn.ReLU):
                    setattr(stage, name, nn.Softplus())
                elif isinstance(module, nn.MaxPool2d):
                    setattr(stage, name, nn.AvgPool2d(2))

    monkeypatch.setattr(FeatureNetwork, "__init__", build_smooth)
    name = "cyclegan, features"
    monkeypatch.setitem(CONFIGS, name, replace(CONFIGS[name], features=FeaturesConfig(layers=(1, 2))))
    case = next(case for case in CASES if case.name == name)
    errors = relative_errors(objective_gradients(case), exact_gradients(case))
    assert max(errors.values()) < 1e-4, max(errors, key=errors.__getitem__)


@needs_native_bf16
@pytest.mark.parametrize("case", CASES, ids=str)
def test_gradients_in_bf16_point_where_those_of_float64_point(case):
    # Not closer: rounding flips ReLUs and the signs in the gradient of an L1 loss. The norm's defect makes this 0.
    exact, found = exact_gradients(case), objective_gradients(case, precision="bf16")
    cosines = {
        name: float(
            functional.cosine_similarity(found[name].double().flatten(), exact[name].flatten(), dim=0)
        )
        for name in exact
    }
    assert min(cosines.values()) > 0.75, min(cosines, key=cosines.__getitem__)


# Without batch norm: another norm follows its gains, which then hardly matter, and rounding is most of their gradients.
# With another loss UNIT has the same networks.
INSTANCE_NORMED = [case for case in CASES if case.name not in ("cyclegan, batch norm", "unit, perceptual")]


@needs_native_bf16
@pytest.mark.parametrize("case", INSTANCE_NORMED, ids=str)
def test_every_single_network_has_in_bf16_the_gradients_of_float64_up_to_rounding(case):
    for name in set(make_learners(case.config).networks) - {"heads"}:  # which take features, not images
        exact = significant(network_gradients(case, name, dtype=torch.float64))
        found = network_gradients(case, name, dtype=torch.float32, is_autocast=True)
        errors = relative_errors(found, exact)
        assert max(errors.values()) < 0.4, (name, errors)


def network_input(case: Case, name: str, dtype: torch.dtype) -> Tensor:
    """An image, or a code for those parts of UNIT that take codes."""
    if name.startswith(("shared_", "decoder_")):
        return torch.randn((1, 16, 8, 8), generator=torch.Generator().manual_seed(1)).to(dtype)
    return make_batch(case.config, dtype=dtype)["real_a"]


def network_gradients(
    case: Case, name: str, *, dtype: torch.dtype, is_autocast: bool = False
) -> dict[str, Tensor]:
    network = make_learners(case.config, dtype=dtype).networks[name]
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=is_autocast):
        output = torch.cat([each.flatten() for each in as_scales(network(network_input(case, name, dtype)))])
    target = torch.linspace(-1, 1, output.numel(), dtype=torch.float64).view(output.shape)
    (output.double() * target).sum().backward()
    return {name: value.grad.double() for name, value in network.named_parameters()}


@pytest.mark.parametrize("batch_size", [1, 2])
@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_the_norms_gradient_does_not_depend_on_the_memory_format_of_the_incoming_one(
    batch_size, memory_format
):
    # torch's own instance norm is off by 1.35 at batch 1 in channels_last (torch 2.15, CPU).
    torch.manual_seed(0)
    shape = (batch_size, 4, 8, 8)
    values = torch.randn(shape, dtype=torch.float64, requires_grad=True)
    incoming = torch.randn(shape, dtype=torch.float64).contiguous(memory_format=memory_format)
    (exact,) = torch.autograd.grad(plain_instance_norm(values), values, incoming)
    for given in (values, values.contiguous(memory_format=memory_format)):
        (found,) = torch.autograd.grad(InstanceNorm(4)(given), values, incoming)
        torch.testing.assert_close(found, exact)


def test_the_norm_is_differentiable_twice():
    torch.manual_seed(0)
    values = torch.randn(1, 2, 3, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(InstanceNorm(2), (values,))
