import pytest
import torch
from torch import Tensor, nn

from models.soiling.dirty_gan.config import DirtyGanConfig
from models.soiling.dirty_gan.confinement import blend, confine, go_both_ways, mask_of, propose, with_mask
from models.soiling.dirty_gan.networks import build_networks
from models.translation.images import to_bytes, to_floats

GENERATOR = torch.Generator().manual_seed(0)
X, Y = (torch.rand(2, 3, 8, 12, generator=GENERATOR) * 2 - 1 for _ in range(2))
MASK, OTHER_MASK = (torch.rand(2, 1, 8, 12, generator=GENERATOR) for _ in range(2))


class Painting(nn.Module):
    """Paints everywhere how much the mask that it sees is, in one colour."""

    def __init__(self, colour: float) -> None:
        super().__init__()
        self.colour = colour

    def forward(self, maps_bchw: Tensor) -> Tensor:
        return self.colour * maps_bchw[:, 3:].expand(-1, 3, -1, -1)


def test_what_is_blended_is_x_where_the_mask_is_0_and_y_where_it_is_1():
    half = torch.zeros(2, 1, 8, 12)
    half[..., 6:] = 1.0
    half[..., 3] = 0.25
    found = blend(X, Y, half)
    assert torch.equal(found[..., :3], X[..., :3]) and torch.equal(found[..., 6:], Y[..., 6:])
    torch.testing.assert_close(found[..., 3], 0.75 * X[..., 3] + 0.25 * Y[..., 3])


def test_every_byte_outlives_a_mask_of_0():
    pixels = torch.arange(256, dtype=torch.uint8).repeat(3).view(1, 3, 16, 16)
    blended = blend(to_floats(pixels), torch.rand(1, 3, 16, 16), torch.zeros(1, 1, 16, 16))
    assert torch.equal(to_bytes(blended), pixels)


def test_a_concatenated_mask_is_a_fourth_channel_and_a_multiplied_one_hides_what_is_outside():
    seen = propose(nn.Identity(), X, MASK, "concat")
    assert torch.equal(seen, torch.cat((X, MASK), 1))
    hidden = MASK.clone()
    hidden[..., :6] = 0.0
    seen = propose(nn.Identity(), X, hidden, "dot")
    assert torch.equal(seen, X * hidden) and seen[..., :6].abs().max() == 0


def test_a_confined_image_is_the_proposal_in_its_mask_and_the_image_beside_it():
    # (1 - m) x + m (0.5 m)
    found = confine(Painting(0.5), X, MASK, "concat")
    torch.testing.assert_close(found.proposal_bchw, (0.5 * MASK).expand(-1, 3, -1, -1))
    torch.testing.assert_close(found.image_bchw, X - MASK * X + 0.5 * MASK**2)


def test_each_way_back_has_the_mask_of_its_way_there():
    networks = nn.ModuleDict({"soiler": Painting(0.5), "cleaner": Painting(-1.0)})
    cycles = go_both_ways(networks, (X, MASK), (Y, OTHER_MASK), "concat")
    torch.testing.assert_close(cycles.soiled.image_bchw, X - MASK * X + 0.5 * MASK**2)
    torch.testing.assert_close(cycles.clean_again_bchw, -MASK.expand(-1, 3, -1, -1))
    torch.testing.assert_close(cycles.cleaned.image_bchw, Y - OTHER_MASK * Y - OTHER_MASK**2)
    torch.testing.assert_close(cycles.soiled_again_bchw, (0.5 * OTHER_MASK).expand(-1, 3, -1, -1))


def test_discriminators_see_image_and_mask_together():
    seen = with_mask(X, MASK)
    assert seen.shape == (2, 4, 8, 12)
    assert torch.equal(mask_of(seen), MASK) and torch.equal(seen[:, :3], X)


@pytest.mark.parametrize(("mask_input", "channels"), [("concat", 4), ("dot", 3)])
def test_the_full_size_is_cyclegans_with_the_masks_channel(mask_input, channels):
    networks = build_networks(DirtyGanConfig(mask_input=mask_input))
    # No bias before an instance norm; the last layer alone has one.
    halvings = 9 * (64 * 128 + 128 * 256)
    blocks = 9 * 2 * 9 * 256 * 256
    generator = 49 * channels * 64 + 2 * halvings + blocks + 49 * 64 * 3 + 3
    judge = 16 * (4 * 64 + 64 * 128 + 128 * 256 + 256 * 512 + 512) + 64 + 128 + 256 + 512 + 1
    counts = {name: sum(each.numel() for each in part.parameters()) for name, part in networks.items()}
    assert counts["soiler"] == counts["cleaner"] == generator
    assert counts["soiled_discriminator"] == counts["clean_discriminator"] == judge
