"""All that trains, as it stands before the first step."""

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from models.arithmetic.devices import choose_device, quicken
from models.arithmetic.precision import settle
from models.features.networks import FeatureNetwork
from models.training.checkpoints import State
from models.training.moving_average import MovingAverage
from models.training.processes import Processes
from models.training.randomness import seeded_torch, stream_rng
from models.translation.domains import ImageShapes
from models.translation.families.registry import FAMILIES
from models.translation.image_pool import ImagePool
from models.translation.translator_config import TranslatorConfig
from models.translation.updating import Learners


@dataclass
class Training:
    """Learners with where they stand; `last_good` is the last state that was saved."""

    learners: Learners
    seed: int
    shapes: ImageShapes
    extractor: str | None  # whose features losses compare
    step: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)
    observations: list[dict[str, Any]] = field(default_factory=list)
    last_good: State | None = None


def start_training(
    config: TranslatorConfig,
    features: FeatureNetwork | None,
    *,
    seed: int,
    shapes: ImageShapes,
    processes: Processes,
) -> Training:
    """Everything at step 0 on the configured device: a pure function of configuration and seed."""
    family, device = FAMILIES[config.family], choose_device(config.device)
    with seeded_torch(stream_rng(seed, "initialise", 0), device):
        networks = family.build_networks(config, shapes.channels)
    networks = networks.to(device)
    quicken(networks, device, settle(config.precision, config.device))
    generators = family.generators(networks)
    discriminators = nn.ModuleList(networks[adversary.discriminator] for adversary in family.adversaries)
    learners = Learners(
        config=config,
        family=family,
        networks=networks,
        optimizers={
            "generators": _adam(generators, config),
            "discriminators": _adam(discriminators, config),
        },
        pools={adversary.fake: ImagePool(config.pool_images) for adversary in family.adversaries},
        average=MovingAverage(generators) if config.ema_decay > 0 else None,
        features=features.maps if features is not None else None,
        processes=processes,
    )
    return Training(learners, seed, shapes, features.name if features is not None else None)


def _adam(networks: nn.Module, config: TranslatorConfig) -> torch.optim.Optimizer:
    """Its learning rate is a tensor, which a recorded step reads anew each time."""
    device = next(networks.parameters()).device
    return torch.optim.Adam(
        networks.parameters(),
        lr=torch.tensor(config.learning_rate, device=device),
        betas=(config.adam_beta1, config.adam_beta2),
        weight_decay=config.weight_decay,
        fused=True,
        capturable=device.type == "cuda",
    )
