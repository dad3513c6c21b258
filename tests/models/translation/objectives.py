"""Every family's whole objectives on tiny networks at batch 1, and their gradients."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from models.arithmetic.devices import autocast
from models.features.config import FeaturesConfig
from models.features.networks import FeatureNetwork
from models.training.processes import Processes
from models.translation.adversarial_config import AdversarialConfig
from models.translation.config import RefinerConfig
from models.translation.domains import ImageShapes
from models.translation.families.aggan_config import AgganConfig
from models.translation.families.cyclegan_config import CycleganConfig, CycleganLosses
from models.translation.families.family import Phase
from models.translation.families.one_way_config import OneWayConfig, OneWayLosses
from models.translation.families.registry import FAMILIES
from models.translation.families.unit_config import UnitConfig, UnitLosses
from models.translation.image_pool import ImagePool
from models.translation.networks.configs import (
    AttentionConfig,
    ContrastConfig,
    DiscriminatorConfig,
    GeneratorConfig,
    UnitDiscriminatorConfig,
    UnitGeneratorConfig,
)
from models.translation.updating import (
    Learners,
    discriminator_objective,
    game_draws,
    generator_objective,
)

SIDE_PX = 32
_SMALL = {
    "generator": GeneratorConfig(filters=4, blocks=2),
    "discriminator": DiscriminatorConfig(filters=4),
    "device": "cpu",
}
_TINY = CycleganConfig(**_SMALL)
_ATTENDING = AgganConfig(**_SMALL, attention=AttentionConfig(filters=4))
_ONE_WAY = OneWayConfig(**_SMALL)
_UNIT = UnitConfig(
    generator=UnitGeneratorConfig(filters=4, blocks=1, dropout=0.0),
    discriminator=UnitDiscriminatorConfig(filters=4, scales=(1, 2)),
    device="cpu",
)
_ALL_CYCLIC = CycleganLosses(
    cycle_pixel=10.0, cycle_discriminator=0.1, identity_pixel=1.0, target_identity_pixel=1.0
)
_GAME = AdversarialConfig(loss="wasserstein", gradient_penalty=10.0, r1=1.0, augment=("color", "translation"))
CONFIGS: dict[str, RefinerConfig] = {
    "cyclegan": replace(_TINY, losses=_ALL_CYCLIC),
    "cyclegan, resizing with skip": replace(
        _TINY, generator=GeneratorConfig(filters=4, blocks=1, upsampling="resize", has_skip=True)
    ),
    "cyclegan, features": replace(
        _TINY,
        losses=CycleganLosses(cycle_features=1e-2, identity_features=1e-2, mean_features=1e-2),
        features=FeaturesConfig(layers=(1,)),  # deeper ones have more ReLUs that rounding flips
    ),
    "cyclegan, regions": replace(_TINY, losses=CycleganLosses(unchanged_outside=5.0, head_structure=1.0)),
    "cyclegan, batch norm": replace(_TINY, generator=GeneratorConfig(filters=4, blocks=1, norm="batch")),
    "cyclegan, another game": replace(_TINY, adversarial=_GAME),
    "cyclegan, spectral norm and hinge": replace(
        _TINY,
        adversarial=AdversarialConfig(loss="hinge"),
        discriminator=DiscriminatorConfig(filters=4, norm="none", has_spectral_norm=True),
    ),
    "aggan": _ATTENDING,
    "aggan, another game": replace(_ATTENDING, adversarial=_GAME),
    "one_way, SimGAN": replace(
        _ONE_WAY,
        generator=GeneratorConfig(filters=4, blocks=1, downsamplings=0),
        losses=OneWayLosses(identity_pixel=1.0),
    ),
    "one_way, CUT": replace(
        _ONE_WAY,
        losses=OneWayLosses(contrast=1.0, identity_contrast=1.0),
        contrast=ContrastConfig(patches=8, embedding=8),
    ),
    "one_way, FastCUT": replace(
        _ONE_WAY,
        losses=OneWayLosses(contrast=1.0),
        contrast=ContrastConfig(patches=32, embedding=8, mirror=True),
    ),
    "unit": _UNIT,
    "unit, perceptual": replace(
        _UNIT,
        losses=UnitLosses(perceptual=1.0),
        features=FeaturesConfig(network="vgg16_without_pool4", layers=(1,), input="bgr"),
    ),
}


@dataclass(frozen=True)
class Case:
    """A configuration in one of its phases."""

    name: str
    phase: Phase

    def __str__(self) -> str:
        return f"{self.name}, {self.phase}"

    @property
    def config(self) -> RefinerConfig:
        return CONFIGS[self.name]


CASES = [Case(name, "free") for name in CONFIGS] + [
    Case(name, "attention_frozen") for name in CONFIGS if name.startswith("aggan")
]


def make_learners(config: RefinerConfig, *, dtype: torch.dtype = torch.float32) -> Learners:
    """Of He's initial weights: N(0, 0.02) at 4 filters leaves next to nothing of the signal."""
    torch.manual_seed(0)
    family = FAMILIES[config.family]
    networks = family.build_networks(config)
    for parameter in networks.parameters():
        if parameter.dim() > 1:
            nn.init.kaiming_normal_(parameter)
    features = FeatureNetwork(config.features).to(dtype).maps if family.needs(config).has_features else None
    pools = {adversary.fake: ImagePool(config.pool_images) for adversary in family.adversaries}
    return Learners(config, family, networks.to(dtype), {}, pools, None, features, Processes())


def make_batch(config: RefinerConfig, *, dtype: torch.dtype = torch.float32) -> dict[str, Tensor]:
    """Noise in -1..1, all random numbers of the step, a person on the left half and a head on top of it."""
    torch.manual_seed(1)
    family = FAMILIES[config.family]
    batch = {name: torch.rand(1, 3, SIDE_PX, SIDE_PX) * 2 - 1 for name in ("real_a", "real_b")}
    draws = (*game_draws(config, family), *family.draws(config, ImageShapes((SIDE_PX, SIDE_PX))))
    batch |= {draw.name: torch.rand(draw.shape) for draw in draws}
    batch["outline_a"] = torch.zeros(1, 1, SIDE_PX, SIDE_PX)
    batch["outline_a"][..., : SIDE_PX // 2] = 1
    batch["kept_a"] = torch.zeros(1, 1, SIDE_PX, SIDE_PX)
    batch["kept_a"][..., :16, 4:12] = 1
    for layer, (channels, side) in enumerate([(64, 16), (128, 8)]):  # VGG16's pool1 and pool2
        batch |= {f"mean_{domain}/{layer}": torch.rand(1, channels, side, side) for domain in "ab"}
    return {name: value.to(dtype) for name, value in batch.items()}


def objective_gradients(case: Case, *, dtype: torch.dtype = torch.float32, precision="fp32"):
    """{network.parameter: gradient} of the objective that trains it, by the functions that train_step calls."""
    learners = make_learners(case.config, dtype=dtype)
    judges = [learners.networks[adversary.discriminator] for adversary in learners.family.adversaries]
    for judge in judges:
        judge.requires_grad_(False)
    learners.family.set_phase(learners.networks, case.phase)
    batch = make_batch(case.config, dtype=dtype)
    device = torch.device("cpu")
    with autocast(device, precision):
        values, _, total = generator_objective(learners, batch, case.phase)
    found = dict(_gradients(total, learners.family.generators(learners.networks)))
    for adversary, judge in zip(learners.family.adversaries, judges, strict=True):
        judge.requires_grad_(True)
        pooled = values[adversary.fake].detach().flip(-1)  # an earlier image, not this step's
        with autocast(device, precision):
            loss = discriminator_objective(learners, adversary, {**values, "pooled": pooled}, case.phase)
        found |= _gradients(loss, nn.ModuleDict({adversary.discriminator: judge}))
    return found


def _gradients(loss: Tensor, networks: nn.Module) -> Iterator[tuple[str, Tensor]]:
    trained = {name: value for name, value in networks.named_parameters() if value.requires_grad}
    gradients = torch.autograd.grad(loss, list(trained.values()))  # an error where one takes no part
    return zip(trained, gradients, strict=True)
