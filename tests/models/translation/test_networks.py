import pytest
import torch
from torch import nn

from models.translation.adversarial import discriminator_loss
from models.translation.config import LossWeights, RefinerConfig
from models.translation.cyclegan import CYCLEGAN
from models.translation.discriminators import PatchDiscriminator
from models.translation.generators import ResnetGenerator
from models.translation.network_configs import DiscriminatorConfig, GeneratorConfig

SMALL = RefinerConfig(
    generator=GeneratorConfig(filters=8, blocks=2),
    discriminator=DiscriminatorConfig(filters=8),
    losses=LossWeights(identity_pixel=1.0, target_identity_pixel=1.0, cycle_discriminator=0.1),
)


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_the_generator_has_the_published_number_of_parameters():
    assert count(ResnetGenerator(GeneratorConfig(has_bias_before_norm=True))) == 11_378_179


def test_biases_before_a_norm_are_all_that_the_fast_generator_leaves_out():
    # 64 + 128 + 256 in the encoder, 18 x 256 in nine blocks, 128 + 64 in the decoder
    assert count(ResnetGenerator(GeneratorConfig())) == 11_378_179 - (448 + 18 * 256 + 192)


def test_the_discriminator_has_the_number_of_parameters_worked_out_by_hand():
    layers = [(3, 64), (64, 128), (128, 256), (256, 512), (512, 1)]
    by_hand = sum(16 * before * after + after for before, after in layers)
    assert count(PatchDiscriminator(DiscriminatorConfig())) == by_hand == 2_764_737


def test_the_generator_keeps_the_size_and_stays_in_the_range_of_images():
    output = ResnetGenerator(GeneratorConfig(filters=4, blocks=1))(torch.randn(2, 3, 36, 48))
    assert output.shape == (2, 3, 36, 48)
    assert output.abs().max() <= 1


@pytest.mark.parametrize(("last_stride", "patches"), [(2, 7), (1, 14)])
def test_the_stride_of_the_last_layer_sets_how_many_patches_are_judged(last_stride, patches):
    discriminator = PatchDiscriminator(DiscriminatorConfig(filters=4, last_stride=last_stride))
    assert discriminator(torch.zeros(1, 3, 128, 128)).shape == (1, 1, patches, patches)


def test_layer_activations_halve_the_size_as_in_the_table():
    features = PatchDiscriminator(DiscriminatorConfig(filters=4)).features(torch.zeros(1, 3, 64, 64))
    assert [tuple(feature.shape[1:]) for feature in features] == [
        (4, 32, 32),
        (8, 16, 16),
        (16, 8, 8),
        (32, 4, 4),
    ]


def test_a_skip_adds_the_input_before_the_last_tanh():
    torch.manual_seed(0)
    plain = ResnetGenerator(GeneratorConfig(filters=4, blocks=1))
    skipping = ResnetGenerator(GeneratorConfig(filters=4, blocks=1, has_skip=True))
    skipping.load_state_dict(plain.state_dict())
    image = torch.rand(1, 3, 32, 32) - 0.5
    torch.testing.assert_close(torch.atanh(skipping(image)), torch.atanh(plain(image)) + image)


def gradients(dtype: torch.dtype, *, is_autocast: bool) -> dict[str, torch.Tensor]:
    """Gradients of the whole objective of one generator step and one discriminator step at batch 1."""
    torch.manual_seed(3)
    networks = CYCLEGAN.build_networks(SMALL)
    for parameter in networks.parameters():
        # N(0, 0.02) at 8 filters leaves next to nothing of the signal, and bf16 nothing of its gradient
        if parameter.dim() > 1:
            nn.init.kaiming_normal_(parameter)
    networks = networks.to(dtype)
    batch = {name: (torch.rand(1, 3, 32, 32) * 2 - 1).to(dtype) for name in ("real_a", "real_b")}
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=is_autocast):
        values = CYCLEGAN.translate(networks, batch, SMALL)
        total = sum(term.weight * term.measure(networks, values) for term in CYCLEGAN.list_terms(SMALL))
        for adversary in CYCLEGAN.adversaries:
            judge = networks[adversary.discriminator]
            both = torch.cat((values[adversary.real], values[adversary.fake]))
            real, fake = judge(both).chunk(2)
            total = total + discriminator_loss("least_squares", real, fake)
    total.backward()
    return {
        name: parameter.grad.double()
        for name, parameter in networks.named_parameters()
        if not is_removed_by_a_norm(name)
    }


def is_removed_by_a_norm(name: str) -> bool:
    """Biases in front of an instance norm: their gradient is 0, of which no relative error can be taken."""
    return any(f"layers.{layer}.convolution.bias" in name for layer in (1, 2, 3))


def relative_errors(found: dict[str, torch.Tensor], exact: dict[str, torch.Tensor]) -> dict[str, float]:
    return {name: float((found[name] - exact[name]).norm() / exact[name].norm()) for name in exact}


@pytest.fixture(scope="module")
def exact_gradients() -> dict[str, torch.Tensor]:
    return gradients(torch.float64, is_autocast=False)


def test_gradients_at_batch_1_are_those_of_float64(exact_gradients):
    errors = relative_errors(gradients(torch.float32, is_autocast=False), exact_gradients)
    assert max(errors.values()) < 1e-3, max(errors, key=errors.__getitem__)


@pytest.mark.parametrize("name", ["a_to_b", "discriminator_b"])
def test_gradients_in_bf16_are_those_of_float64_up_to_rounding(name):
    # One network at a time: the sign function in the gradient of an L1 loss would enlarge the rounding.
    errors = relative_errors(network_gradients(name, is_autocast=True), network_gradients(name))
    # In channels_last the defect of instance norm makes this 1.4; here ReLUs that rounding flips make it 0.2.
    assert max(errors.values()) < 0.3, errors


def network_gradients(name: str, *, is_autocast: bool = False) -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    network = CYCLEGAN.build_networks(SMALL)[name].to(torch.float32 if is_autocast else torch.float64)
    image = (torch.rand(1, 3, 64, 64) * 2 - 1).to(next(network.parameters()).dtype)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=is_autocast):
        output = network(image)
    target = torch.linspace(-1, 1, output.numel(), dtype=torch.float64).view(output.shape)
    (output.double() * target).sum().backward()
    return {
        name: parameter.grad.double()
        for name, parameter in network.named_parameters()
        if not is_removed_by_a_norm(name)
    }
