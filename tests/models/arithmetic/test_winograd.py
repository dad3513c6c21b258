import pytest
import torch
from torch import nn
from torch.nn import functional

from models.arithmetic import devices, winograd
from models.arithmetic.devices import quicken
from models.arithmetic.winograd import WinogradConv2d, conv2d_3x3, use_winograd

LARGE = (3, 48, 24, 24)  # 108 tiles of 48 x 64 pairs of channels


@pytest.mark.parametrize(
    "shape_bchw", [(1, 32, 6, 6), (2, 5, 10, 14), (1, 3, 7, 9), (3, 2, 12, 5), (1, 1, 3, 3)]
)
def test_the_convolution_and_its_gradients_are_those_of_float64(shape_bchw):
    image, weight = drawn(*shape_bchw), drawn(7, shape_bchw[1], 3, 3)
    exact_inputs = [each.double().requires_grad_() for each in (image, weight)]
    exact = functional.conv2d(*exact_inputs)
    inputs = [each.requires_grad_() for each in (image, weight)]
    found = conv2d_3x3(*inputs)
    incoming = drawn(*exact.shape)
    close(found, exact)
    for one, other in zip(
        torch.autograd.grad(found, inputs, incoming),
        torch.autograd.grad(exact, exact_inputs, incoming.double()),
        strict=True,
    ):
        close(one, other)


def test_a_gradient_for_the_weights_alone_is_the_same():
    image, weight = drawn(2, 4, 10, 10), drawn(6, 4, 3, 3).requires_grad_()
    (alone,) = torch.autograd.grad(conv2d_3x3(image, weight).sum(), weight)
    (exact,) = torch.autograd.grad(functional.conv2d(image, weight).sum(), weight)
    close(alone, exact)


def test_a_second_derivative_is_refused_instead_of_wrong():
    image = drawn(1, 4, 6, 6).requires_grad_()
    (once,) = torch.autograd.grad(
        conv2d_3x3(image, drawn(4, 4, 3, 3)).square().sum(), image, create_graph=True
    )
    with pytest.raises(RuntimeError, match="once_differentiable"):
        once.sum().backward()


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize(("padding", "bias"), [(0, True), (1, True), (1, False)])
def test_a_network_keeps_its_weights_and_its_answers(memory_format, padding, bias, monkeypatch):
    network = nn.Sequential(nn.Conv2d(48, 64, 3, padding=padding, bias=bias), nn.ReLU())
    network.to(memory_format=memory_format)
    image = drawn(*LARGE).contiguous(memory_format=memory_format)
    before, names, parameters = network(image), list(network.state_dict()), list(network.parameters())
    use_winograd(network)
    ways = []
    monkeypatch.setattr(winograd, "conv2d_3x3", lambda *given: ways.append(1) or conv2d_3x3(*given))
    close(network(image), before)
    assert ways == [1] and isinstance(network[0], WinogradConv2d)
    assert list(network.state_dict()) == names
    assert all(one is other for one, other in zip(network.parameters(), parameters, strict=True))


def test_convolutions_of_other_kinds_stay():
    others = [
        nn.Conv2d(48, 48, 1),
        nn.Conv2d(48, 48, 3, stride=2),
        nn.Conv2d(48, 48, 3, dilation=2),
        nn.Conv2d(48, 48, 3, groups=48),
        nn.Conv2d(48, 48, 3, padding=1, padding_mode="reflect"),
        nn.Conv2d(3, 64, 3),
        nn.ConvTranspose2d(48, 48, 3),
    ]
    network = nn.Sequential(*others)
    use_winograd(network)
    assert list(network) == others


def test_few_tiles_and_bf16_take_the_usual_way(monkeypatch):
    monkeypatch.setattr(winograd, "conv2d_3x3", None)
    network = nn.Sequential(nn.Conv2d(48, 64, 3, padding=1))
    use_winograd(network)
    network(drawn(1, 48, 4, 4))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        network(drawn(1, 48, 24, 24))
    with pytest.raises(TypeError):  # and large images in float32 do not
        network(drawn(*LARGE))


@pytest.mark.parametrize(
    ("device", "precision", "capability", "is_quickened"),
    [
        ("cpu", "fp32", "AVX2", True),
        ("cpu", "fp32", "AVX512", False),
        ("cpu", "bf16", "AVX2", False),
        ("cuda", "fp32", "AVX2", False),
    ],
)
def test_winograd_is_for_float32_on_processors_with_avx2_at_most(
    device, precision, capability, is_quickened, monkeypatch
):
    monkeypatch.setattr(devices.torch.backends.cpu, "get_cpu_capability", lambda: capability)
    network = nn.Sequential(nn.Conv2d(48, 48, 3))
    quicken(network, torch.device(device), precision)
    assert isinstance(network[0], WinogradConv2d) is is_quickened


def drawn(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))


def close(found: torch.Tensor, exact: torch.Tensor) -> None:
    """Rounding of float32: F(4x4, 3x3) has about ten times that of the plain sum."""
    difference = (found.detach().double() - exact.detach().double()).norm() / exact.detach().double().norm()
    assert found.shape == exact.shape and float(difference) < 1e-5
