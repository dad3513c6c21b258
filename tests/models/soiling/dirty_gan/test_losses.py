import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.soiling.dirty_gan.config import DirtyGanConfig, DirtyLosses
from models.soiling.dirty_gan.losses import (
    DirtyBatch,
    Pools,
    discrimination,
    find_losses,
    masked_distance,
    weigh,
)
from models.soiling.dirty_gan.networks import build_networks, judge
from models.training.randomness import seeded_torch, stream_rng
from models.translation.image_pool import ImagePool
from tests.models.soiling.toy_soiling import HEIGHT, TINY_GAN, WIDTH, random_opacity

KEEP_NONE = torch.zeros(2, 2, dtype=torch.int64)  # a plan of a pool that has no place


class Red(nn.Module):
    """Scores by the mean of red over each quarter, times a weight."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(1.0))

    def forward(self, seen_bchw: Tensor) -> Tensor:
        return self.weight * functional.avg_pool2d(seen_bchw[:, :1], 4)


def quarters(*values: float) -> Tensor:
    """[1, 1, 8, 8] with these in the quarters of 4 x 4: above left and right, below left and right."""
    return torch.tensor(values).view(1, 1, 2, 2).repeat_interleave(4, 2).repeat_interleave(4, 3)


def seen(red: Tensor, mask: Tensor) -> Tensor:
    return torch.cat((red, torch.full_like(red, 9.0), torch.full_like(red, -9.0), mask), 1)


def networks_of(config: DirtyGanConfig = TINY_GAN) -> nn.ModuleDict:
    with seeded_torch(stream_rng(0, "initialise", 0), torch.device("cpu")):
        return build_networks(config)


def batch_of(mask: float, soiled_mask: float) -> DirtyBatch:
    generator = torch.Generator().manual_seed(1)
    clean, soiled = (torch.rand(2, 3, HEIGHT, WIDTH, generator=generator) * 2 - 1 for _ in range(2))
    masks, soiled_masks = (torch.full((2, 1, HEIGHT, WIDTH), value) for value in (mask, soiled_mask))
    return DirtyBatch(clean, masks, soiled, soiled_masks, KEEP_NONE, KEEP_NONE)


def losses_of(batch: DirtyBatch, networks: nn.ModuleDict | None = None) -> dict[str, Tensor]:
    pools = Pools(ImagePool(0), ImagePool(0))
    return find_losses(TINY_GAN, networks or networks_of(), batch, opacity=random_opacity(), pools=pools)


def test_distances_count_by_the_mask_and_as_the_mean_of_colours():
    first, second = torch.zeros(1, 3, 1, 3), torch.zeros(1, 3, 1, 3)
    second[0, :, 0, 0] = torch.tensor((0.3, -0.6, 0.9))  # 0.6 in the mean
    second[0, :, 0, 1] = 1.0
    second[0, :, 0, 2] = -5.0
    mask = torch.tensor([[[[1.0, 0.25, 0.0]]]])
    assert masked_distance(first, second, mask).item() == pytest.approx((0.6 + 0.25) / 1.25)


def test_where_nothing_is_soiled_no_distance_is_told():
    assert (
        masked_distance(torch.zeros(1, 3, 4, 4), torch.ones(1, 3, 4, 4), torch.zeros(1, 1, 4, 4)).item() == 0
    )


def test_a_discriminator_is_told_of_each_patch_as_much_as_it_is_soiled():
    real = seen(quarters(1.0, 0.5, 9.0, 0.0), quarters(0.5, 1.0, 0.0, 0.5))
    made = seen(quarters(0.5, 9.0, 1.0, 2.0), quarters(1.0, 0.0, 0.5, 0.25))
    # (D - 1)^2 of real: 0, 1/4 and 1 by 1/2, 1 and 1/2; D^2 of made: 1/4, 1 and 4 by 1, 1/2 and 1/4.
    expected = (0.75 / 2 + 1.75 / 1.75) / 2
    assert discrimination(Red(), real, made).item() == pytest.approx(expected)


def test_a_patch_that_is_soiled_in_part_counts_by_the_mean_of_its_mask():
    part = quarters(0.0, 0.0, 0.0, 1.0)
    part[0, 0, 0, :4] = 0.5  # an eighth in the mean of the first quarter
    real = seen(quarters(3.0, 7.0, 7.0, 2.0), part)
    silent = seen(quarters(0.0, 0.0, 0.0, 0.0), quarters(1.0, 1.0, 1.0, 1.0))
    assert discrimination(Red(), real, silent).item() == pytest.approx((4 / 8 + 1) / 1.125 / 2)


def test_a_discriminator_that_judges_changes_images_and_not_itself():
    discriminator, image = (
        Red(),
        seen(quarters(1.0, 2.0, 3.0, 4.0), quarters(1.0, 1.0, 1.0, 1.0)).requires_grad_(),
    )
    scores = judge(discriminator, image)
    assert torch.equal(scores, discriminator(image))
    scores.sum().backward()
    assert image.grad is not None and image.grad[:, 0].min() > 0
    assert discriminator.weight.grad is None


def test_without_any_mask_there_is_nothing_to_learn():
    losses = losses_of(batch_of(0.0, 0.0))
    assert {name: loss.item() for name, loss in losses.items() if name != "mask"} == dict.fromkeys(
        (
            "clean_cycle",
            "soiled_cycle",
            "soiled_adversarial",
            "clean_adversarial",
            "soiled_discriminator",
            "clean_discriminator",
        ),
        0.0,
    )
    networks = networks_of()
    weigh(TINY_GAN.losses, losses_of(batch_of(0.0, 0.0), networks)).backward()
    assert all(weight.grad is None or weight.grad.abs().max() == 0 for weight in networks.parameters())


def test_with_full_masks_it_is_a_cyclegan_of_whole_images():
    networks, batch = networks_of(), batch_of(1.0, 1.0)
    losses = losses_of(batch, networks)
    ones = batch.masks_b1hw
    soiled = networks["soiler"](torch.cat((batch.clean_bchw, ones), 1))
    again = networks["cleaner"](torch.cat((soiled, ones), 1))
    assert losses["clean_cycle"].item() == pytest.approx(
        (again - batch.clean_bchw).abs().mean().item(), rel=1e-5
    )
    scores = networks["soiled_discriminator"](torch.cat((soiled, ones), 1))
    assert losses["soiled_adversarial"].item() == pytest.approx((scores - 1).square().mean().item(), rel=1e-5)
    found = random_opacity()(soiled)
    assert losses["mask"].item() == pytest.approx((found - 1).abs().mean().item(), rel=1e-5)


def test_the_objective_weighs_both_cycles_by_10_and_discriminators_by_1():
    names = ("soiled_adversarial", "clean_adversarial", "clean_cycle", "soiled_cycle", "mask")
    names += ("soiled_discriminator", "clean_discriminator")
    losses = {name: torch.tensor(float(2**number)) for number, name in enumerate(names)}
    assert weigh(DirtyLosses(), losses).item() == 1 + 2 + 10 * (4 + 8) + 16 + 32 + 64
    weights = DirtyLosses(adversarial=0.5, cycle=1.0, mask=3.0)
    assert weigh(weights, losses).item() == 1.5 + 12 + 48 + 96


def test_the_segmenter_moves_the_soiler_alone_and_gets_no_gradient():
    networks, opacity = networks_of(), random_opacity()
    pools = Pools(ImagePool(0), ImagePool(0))
    losses = find_losses(TINY_GAN, networks, batch_of(0.7, 0.4), opacity=opacity, pools=pools)
    losses["mask"].backward()
    moved = {
        name
        for name, part in networks.items()
        if any(weight.grad is not None for weight in part.parameters())
    }
    assert moved == {"soiler"}
    assert all(weight.grad is None for weight in opacity.parameters())


def test_pools_keep_images_with_their_masks():
    pools = Pools(ImagePool(2), ImagePool(2))
    first, second = (torch.tensor([[place, old] for place in (0, 1)]) for old in (0, 1))
    batch = batch_of(0.7, 0.4)
    for plan in (first, second):
        batch = DirtyBatch(
            batch.clean_bchw, batch.masks_b1hw, batch.soiled_bchw, batch.soiled_masks_b1hw, plan, plan
        )
        find_losses(TINY_GAN, networks_of(), batch, opacity=random_opacity(), pools=pools)
    assert pools.soiled.images is not None and pools.clean.images is not None
    assert pools.soiled.images.shape == (3, 4, HEIGHT, WIDTH)
    assert pools.soiled.images[:2, 3].unique().tolist() == pytest.approx([0.7])
    assert pools.clean.images[:2, 3].unique().tolist() == pytest.approx([0.4])
