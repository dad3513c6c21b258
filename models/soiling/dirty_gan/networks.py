"""T soils, H cleans, and a discriminator for each judges what they made, patch by patch and with its mask."""

from torch import Tensor, nn
from torch.func import functional_call

from models.soiling.dirty_gan.config import DirtyGanConfig
from models.translation.families.family import initialise
from models.translation.networks.discriminators import PatchDiscriminator
from models.translation.networks.generators import ResnetGenerator

SOILER, CLEANER = "soiler", "cleaner"
SOILED_JUDGE, CLEAN_JUDGE = "soiled_discriminator", "clean_discriminator"
_IMAGE, _IMAGE_AND_MASK = 3, 4  # channels


def build_networks(config: DirtyGanConfig) -> nn.ModuleDict:
    """With random weights as published for CycleGAN."""
    channels = _IMAGE_AND_MASK if config.mask_input == "concat" else _IMAGE
    generators = {
        name: ResnetGenerator(config.generator, channels_in=channels, channels_out=_IMAGE)
        for name in (SOILER, CLEANER)
    }
    judges = {
        name: PatchDiscriminator(config.discriminator, _IMAGE_AND_MASK)
        for name in (SOILED_JUDGE, CLEAN_JUDGE)
    }
    return nn.ModuleDict({**generators, **judges}).apply(initialise)


def judge(discriminator: nn.Module, seen_bchw: Tensor) -> Tensor:
    """Its scores [b, 1, h', w'] of [image, mask], by which images are changed and the discriminator is not."""
    fixed = {name: weight.detach() for name, weight in discriminator.named_parameters()}
    return functional_call(discriminator, fixed, (seen_bchw,))
