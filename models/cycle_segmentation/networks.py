"""The three networks: G segments images, F makes images of segmentations, D judges these patch by patch."""

from torch import Tensor, nn
from torch.func import functional_call

from models.cycle_segmentation.config import CycleSegmentationConfig
from models.segmentation.networks.erfnet import ERFNet
from models.translation.families.family import initialise
from models.translation.networks.configs import DiscriminatorConfig
from models.translation.networks.discriminators import PatchDiscriminator

SEGMENTER, SYNTHESIZER, DISCRIMINATOR = "segmenter", "synthesizer", "discriminator"
BACKWARD = "backward_statistics"
_FEWEST_NEW_MAPS = 6  # that a Downsampler convolves beside the maps that it pools


def build_networks(config: CycleSegmentationConfig) -> nn.ModuleDict:
    """With random weights; without a cycle the segmenter alone, which starts as it does in one."""
    networks = nn.ModuleDict({SEGMENTER: _started(_build_segmenter(config), config)})
    if config.cycle is not None:
        networks[SYNTHESIZER] = _started(_build_synthesizer(config), config)
        networks[DISCRIMINATOR] = _started(_build_discriminator(config), config)
        networks[BACKWARD] = backward_statistics(networks)
    return networks


class Statistics(nn.Module):
    """Running means and variances of a network's norms in a second kind of input; at first the network's own."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        for name, value in network.named_buffers():
            self.register_buffer(name.replace(".", "/"), value.clone())

    def by_name(self) -> dict[str, Tensor]:
        """As the network names them."""
        return {name.replace("/", "."): value for name, value in self.named_buffers()}


def backward_statistics(networks: nn.ModuleDict) -> nn.ModuleDict:
    """Of both generators in the backward cycle.

    One-hot labels and generated images are distributed unlike noisy logits and photos: statistics of both, mixed, fit
    neither (4 dB of PSNR on a rendered street). In training each batch is normed by its own; the paper does not say.
    """
    return nn.ModuleDict({name: Statistics(networks[name]) for name in (SEGMENTER, SYNTHESIZER)})


def run_backward(networks: nn.ModuleDict, name: str, maps_bchw: Tensor) -> Tensor:
    """A generator's output in the backward cycle, with the statistics of its norms there."""
    statistics = networks[BACKWARD][name]  # type: ignore[index]
    return functional_call(networks[name], statistics.by_name(), (maps_bchw,))


def synthesizer_filters(num_inputs: int, width: float) -> tuple[int, int, int]:
    """Of an ERFNet that reads segmentations of so many classes: 32, 64 and 128 for the published 20 (section 4.2).

    Every layer must have more maps than the one before.
    """
    half = max(round(32 * width), num_inputs + _FEWEST_NEW_MAPS)
    quarter = max(round(64 * width), half + _FEWEST_NEW_MAPS)
    return half, quarter, max(round(128 * width), quarter + _FEWEST_NEW_MAPS)


def _build_segmenter(config: CycleSegmentationConfig) -> nn.Module:
    half, quarter, eighth = (round(config.width * filters) for filters in (16, 64, 128))
    return ERFNet(3, config.num_outputs, filters=(half, quarter, eighth))


def _build_synthesizer(config: CycleSegmentationConfig) -> nn.Module:
    return ERFNet(config.num_outputs, 3, filters=synthesizer_filters(config.num_outputs, config.width))


def _build_discriminator(config: CycleSegmentationConfig) -> nn.Module:
    return PatchDiscriminator(DiscriminatorConfig(filters=max(1, round(64 * config.width)), last_stride=1))


def _started(network: nn.Module, config: CycleSegmentationConfig) -> nn.Module:
    return network.apply(initialise) if config.initial_weights == "normal" else network
