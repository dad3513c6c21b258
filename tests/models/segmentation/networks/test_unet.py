import torch
from torch import nn

from models.segmentation.networks.unet import UNet


def record_shapes(network: UNet, images: torch.Tensor) -> dict[str, tuple[int, ...]]:
    """Of what every stage gives."""
    shapes: dict[str, tuple[int, ...]] = {}

    def note(name: str, module: nn.Module) -> None:
        module.register_forward_hook(lambda _, __, out: shapes.update({name: tuple(out.shape[1:])}))

    for name in ("first", "output"):
        note(name, getattr(network, name))
    for part in ("down", "doublings", "up"):
        for number, stage in enumerate(getattr(network, part)):
            note(f"{part} {number}", stage)
    network(images)
    return shapes


def test_its_channels_are_those_of_the_papers_figure_at_sizes_that_halve_and_double():
    with torch.device("meta"):
        shapes = record_shapes(UNet(2).eval(), torch.zeros(1, 3, 64, 96))
    assert shapes == {
        "first": (64, 64, 96),
        "down 0": (128, 32, 48),
        "down 1": (256, 16, 24),
        "down 2": (512, 8, 12),
        "down 3": (1024, 4, 6),
        "doublings 0": (512, 8, 12),
        "up 0": (512, 8, 12),
        "doublings 1": (256, 16, 24),
        "up 1": (256, 16, 24),
        "doublings 2": (128, 32, 48),
        "up 2": (128, 32, 48),
        "doublings 3": (64, 64, 96),
        "up 3": (64, 64, 96),
        "output": (2, 64, 96),
    }


def test_the_finest_maps_of_the_way_down_reach_the_way_up_unpooled():
    torch.manual_seed(0)
    network = UNet(1, filters=4).eval()
    with torch.no_grad():  # nothing comes from below
        network.doublings[-1].weight.zero_()
        network.doublings[-1].bias.zero_()
    images = torch.randn(1, 3, 32, 32)
    moved = images.clone()
    moved[..., 16, 16] += 1.0
    changed = (network(moved) != network(images))[0, 0].nonzero()
    # four convolutions of 3 x 3, two on each side, and no pooling between
    assert changed.amin(0).tolist() == [12, 12]
    assert changed.amax(0).tolist() == [20, 20]
