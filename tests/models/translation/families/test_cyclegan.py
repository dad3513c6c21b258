import pytest
import torch
from torch import Tensor, nn

from models.translation.families.cyclegan import CYCLEGAN
from models.translation.families.cyclegan_config import CycleganConfig, CycleganLosses
from models.translation.networks.configs import DiscriminatorConfig, GeneratorConfig

WITH_IDENTITY = CycleganConfig(
    generator=GeneratorConfig(filters=2, blocks=1),
    discriminator=DiscriminatorConfig(filters=2),
    losses=CycleganLosses(target_identity_pixel=1.0),
)


class Linear(nn.Module):
    """factor x image + 1: a translator whose ways can be told apart."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, image_bchw: Tensor) -> Tensor:
        return self.factor * image_bchw + 1


@pytest.mark.parametrize("config", [CycleganConfig(), WITH_IDENTITY], ids=["plain", "identity"])
def test_images_are_named_by_the_domain_that_they_come_to(config):
    networks = nn.ModuleDict({"a_to_b": Linear(2), "b_to_a": Linear(10)})
    batch = {"real_a": torch.full((2, 3, 4, 4), 3.0), "real_b": torch.full((2, 3, 4, 4), 5.0)}
    values = {
        name: value.unique().item() for name, value in CYCLEGAN.translate(networks, batch, config).items()
    }
    expected = {"real_a": 3, "real_b": 5, "fake_b": 7, "fake_a": 51, "rec_a": 71, "rec_b": 103}
    assert values == expected | ({"idt_b": 11, "idt_a": 31} if config is WITH_IDENTITY else {})


def test_calls_for_two_images_at_once_give_what_calls_for_each_give():
    torch.manual_seed(0)
    networks = CYCLEGAN.build_networks(WITH_IDENTITY)
    batch = {name: torch.rand(2, 3, 32, 32) * 2 - 1 for name in ("real_a", "real_b")}
    values = CYCLEGAN.translate(networks, batch, WITH_IDENTITY)
    with torch.no_grad():
        torch.testing.assert_close(values["fake_b"], networks["a_to_b"](batch["real_a"]))
        torch.testing.assert_close(values["idt_b"], networks["a_to_b"](batch["real_b"]))
        torch.testing.assert_close(values["fake_a"], networks["b_to_a"](batch["real_b"]))
        torch.testing.assert_close(values["idt_a"], networks["b_to_a"](batch["real_a"]))
