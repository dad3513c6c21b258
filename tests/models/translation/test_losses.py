import math

import torch

from models.translation.adversarial import discriminator_loss, generator_loss
from models.translation.config import LossWeights, RefinerConfig
from models.translation.cyclegan import CYCLEGAN
from models.translation.losses import feature_distance, pixel_distance
from models.translation.network_configs import DiscriminatorConfig, GeneratorConfig


def test_pixel_distance_is_the_mean_of_absolute_differences():
    first, second = torch.tensor([[1.0, -1.0], [0.5, 0.0]]), torch.tensor([[0.0, 1.0], [0.5, 0.25]])
    assert pixel_distance(first, second).item() == (1 + 2 + 0 + 0.25) / 4


def test_least_squares_measures_from_1_for_real_and_from_0_for_generated():
    scores, fakes = torch.tensor([0.0, 3.0]), torch.tensor([1.0, 2.0])
    assert generator_loss("least_squares", scores).item() == (1 + 4) / 2
    assert discriminator_loss("least_squares", scores, fakes).item() == ((1 + 4) / 2 + (1 + 4) / 2) / 2


def test_feature_distance_sums_norms_over_layers_and_averages_over_images():
    first = [torch.tensor([[3.0, 4.0], [0.0, 0.0]]), torch.tensor([[1.0], [2.0]])]
    second = [torch.zeros(2, 2), torch.zeros(2, 1)]
    # image 1: 5 + 1; image 2: 0 + 2
    assert math.isclose(feature_distance(first, second).item(), (6 + 2) / 2)


def test_feature_distance_of_equal_features_has_a_finite_gradient():
    features = torch.ones(1, 4, requires_grad=True)
    feature_distance([features], [torch.ones(1, 4)]).backward()
    assert torch.isfinite(features.grad).all()


def measure(name: str, **values: torch.Tensor) -> float:
    weights = LossWeights(cycle_pixel=1, identity_pixel=1, target_identity_pixel=1, cycle_discriminator=1)
    config = RefinerConfig(
        generator=GeneratorConfig(filters=2, blocks=1),
        discriminator=DiscriminatorConfig(filters=2),
        losses=weights,
    )
    terms = {term.name: term for term in CYCLEGAN.list_terms(config)}
    return terms[name].measure(CYCLEGAN.build_networks(config), values).item()


def test_identity_compares_a_generators_output_with_its_own_input():
    # Eq. 2.17: |G(x) - x| + |F(y) - y|, where G(x) = fake_b of x = real_a
    zero, one, two = torch.zeros(1, 3, 4, 4), torch.ones(1, 3, 4, 4), torch.full((1, 3, 4, 4), 2.0)
    assert measure("identity_pixel", real_a=zero, fake_b=one, real_b=zero, fake_a=two) == 3
    assert measure("target_identity_pixel", real_b=zero, idt_b=one, real_a=zero, idt_a=one) == 2
    assert measure("cycle_pixel", real_a=zero, rec_a=two, real_b=one, rec_b=one) == 2


def test_the_discriminator_cycle_is_0_only_for_a_perfect_reconstruction():
    real = torch.rand(1, 3, 32, 32)
    same = measure("cycle_discriminator", real_a=real, rec_a=real, real_b=real, rec_b=real)
    other = measure("cycle_discriminator", real_a=real, rec_a=1 - real, real_b=real, rec_b=real)
    assert same == 0 < other


def test_terms_of_weight_0_are_left_out():
    names = [term.name for term in CYCLEGAN.list_terms(RefinerConfig())]
    assert names == ["cycle_pixel"]
