"""The rules of attention, by networks that paint and attend what they are told."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from models.translation.families.aggan import AGGAN, blend, judge
from models.translation.families.aggan_config import AgganConfig
from models.translation.networks.configs import AttentionConfig, DiscriminatorConfig, GeneratorConfig
from models.translation.training import Hooks, train_refiner
from models.translation.updating import discriminator_objective, generator_objective
from tests.models.translation.objectives import CONFIGS, make_batch, make_learners
from tests.models.translation.toy_domains import domains_of

TINY = AgganConfig(
    generator=GeneratorConfig(filters=2, blocks=1),
    discriminator=DiscriminatorConfig(filters=2),
    attention=AttentionConfig(filters=2),
    device="cpu",
)
IMAGE = (1, 3, 2, 2)


class Told(nn.Module):
    """Gives `value` everywhere, one map of it for attention and three for paint, plus a share of the input."""

    def __init__(self, value: float, *, channels: int = 3, of_input: float = 0.0) -> None:
        super().__init__()
        self.value, self.channels, self.of_input = value, channels, of_input

    def forward(self, image_bchw: Tensor) -> Tensor:
        return self.value + self.of_input * image_bchw[:, : self.channels]


class Recorder(nn.Module):
    """A discriminator that remembers what it was shown."""

    def forward(self, image_bchw: Tensor, *, has_norm: bool = True) -> Tensor:
        self.seen, self.had_norm = image_bchw, has_norm
        return image_bchw.mean((1, 2, 3), keepdim=True)


def test_a_blend_is_the_paint_where_attention_is_1_and_the_image_where_it_is_0():
    image, painted = torch.full(IMAGE, -1.0), torch.full(IMAGE, 1.0)
    attention = torch.tensor([[[[0.0, 1.0], [0.5, 0.25]]]])
    expected = torch.tensor([[-1.0, 1.0], [0.0, -0.5]]).expand(IMAGE)
    assert torch.equal(blend(image, painted, attention), expected)


def test_images_go_there_and_back_by_the_generator_and_the_attention_of_where_they_are():
    networks = nn.ModuleDict(
        {
            "a_to_b": Told(0.8),
            "b_to_a": Told(0.0, of_input=0.5),
            "attention_a": Told(0.25, channels=1),
            "attention_b": Told(0.5, channels=1, of_input=1.0),
        }
    )
    batch = {"real_a": torch.full(IMAGE, 0.4), "real_b": torch.full(IMAGE, 0.2)}
    values = AGGAN.translate(networks, batch, TINY)
    mean = {name: value.mean().item() for name, value in values.items()}
    assert mean["fake_b"] == pytest.approx(0.25 * 0.8 + 0.75 * 0.4)  # 0.5
    # attention of b at 0.5 is 1: all of what b_to_a paints there, 0.25
    assert mean["rec_a"] == pytest.approx(0.25)
    # attention of b at 0.2 is 0.7, its paint 0.1
    assert mean["fake_a"] == pytest.approx(0.7 * 0.1 + 0.3 * 0.2)  # 0.13
    assert mean["rec_b"] == pytest.approx(0.25 * 0.8 + 0.75 * 0.13)
    seen_fake, seen_real = values["seen_fake_b"], values["seen_real_b"]
    assert seen_fake[0, :, 0, 0].tolist() == pytest.approx([0.5] * 3 + [0.8] * 3 + [0.25])
    assert seen_real[0, :, 0, 0].tolist() == pytest.approx([0.2] * 6 + [0.7])


def seen_of(attention: Tensor) -> Tensor:
    """[1, 7, 2, 2]: an image of 0.2, a paint of 0.8, and attention."""
    return torch.cat((torch.full(IMAGE, 0.2), torch.full(IMAGE, 0.8), attention), 1)


def test_until_attention_freezes_discriminators_see_blended_images_with_norm():
    discriminator = Recorder()
    judge(discriminator, seen_of(torch.zeros(1, 1, 2, 2)), TINY, "free")
    assert torch.equal(discriminator.seen, torch.full(IMAGE, 0.2))
    assert discriminator.had_norm


def test_from_then_they_see_the_paint_where_attention_passes_the_threshold_without_norm():
    discriminator = Recorder()
    attention = torch.tensor([[[[0.05, 0.1], [0.11, 0.9]]]])  # tau is 0.1, and is not passed by 0.1
    judge(discriminator, seen_of(attention), TINY, "attention_frozen")
    expected = torch.tensor([[0.0, 0.0], [0.8, 0.8]]).expand(IMAGE)
    assert torch.equal(discriminator.seen, expected)
    assert not discriminator.had_norm


def test_without_norm_the_discriminator_is_its_convolutions_and_activations():
    torch.manual_seed(0)
    networks = AGGAN.build_networks(TINY)
    discriminator, image = networks["discriminator_a"], torch.randn(1, 3, 32, 32)
    values = image
    for layer in discriminator.layers:
        values = nn.functional.leaky_relu(layer.convolution(values), 0.2)
    torch.testing.assert_close(discriminator(image, has_norm=False), discriminator.prediction(values))
    assert not torch.allclose(discriminator(image), discriminator(image, has_norm=False))


def test_the_phase_changes_at_the_epoch():
    assert [AGGAN.phase_at(TINY, epoch) for epoch in (0, 29, 30, 159)] == [
        "free",
        "free",
        "attention_frozen",
        "attention_frozen",
    ]


@pytest.mark.parametrize("phase", ["free", "attention_frozen"])
def test_whom_the_objectives_teach(phase):
    config = CONFIGS["aggan"]
    learners = make_learners(config)
    AGGAN.set_phase(learners.networks, phase)
    values, _, total = generator_objective(learners, make_batch(config), phase)
    total.backward()
    for name, network in AGGAN.generators(learners.networks).items():
        is_taught = all(value.grad is not None for value in network.parameters())
        assert is_taught == (phase == "free" or name in ("a_to_b", "b_to_a")), name
    learners.networks.zero_grad()
    for adversary in AGGAN.adversaries:
        pooled = {**values, "pooled": values[adversary.fake].detach()}
        discriminator_objective(learners, adversary, pooled, phase).backward()
    assert all(value.grad is None for value in AGGAN.generators(learners.networks).parameters())
    assert all(value.grad is not None for value in learners.networks["discriminator_a"].parameters())


def test_attention_stands_still_from_the_freeze_on_and_generators_go_on():
    torch.manual_seed(0)
    crops = torch.randint(0, 256, (2, 32, 32, 3), dtype=torch.uint8).numpy()
    config = replace(
        TINY,
        epochs=6,  # of two steps each
        attention=AttentionConfig(filters=2, frozen_from_epoch=3),
        checkpoint_every_steps=1,
        precision="fp32",
    )
    saved: list[dict] = []
    train_refiner(
        config,
        domains_of(crops, crops[::-1].copy()),
        seed=0,
        resume=None,
        hooks=Hooks(saved.append, lambda report: None),
    )

    def moves(network: str, step: int) -> bool:
        before, after = saved[step - 1]["networks"], saved[step]["networks"]
        return any(not torch.equal(before[k], after[k]) for k in before if k.startswith(f"{network}."))

    for step in range(1, 12):  # from the state after `step` steps to the next one
        for name in ("a_to_b", "b_to_a", "discriminator_a", "discriminator_b"):
            assert moves(name, step), (name, step)
        for name in ("attention_a", "attention_b"):
            assert moves(name, step) == (step < 6), (name, step)


def test_refining_gives_the_blend_and_where_it_attended():
    networks = nn.ModuleDict({"a_to_b": Told(0.8), "attention_a": Told(0.25, channels=1)})
    refined = AGGAN.translations["a_to_b"](networks, torch.full(IMAGE, 0.4))
    assert refined.images.mean().item() == pytest.approx(0.5)
    assert refined.attention is not None
    assert refined.attention.tolist()[0] == [[[0.25] * 2] * 2]
