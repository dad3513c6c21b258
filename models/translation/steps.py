"""Everything that one step takes in, drawn ahead on the host: a pure function of (seed, step)."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from models.arithmetic.devices import send
from models.training.moving_average import update_share
from models.training.randomness import stream_rng
from models.translation.batches import draw_batch
from models.translation.draws import draw_numbers
from models.translation.families.family import Family
from models.translation.image_pool import plan_exchange
from models.translation.loading import LoadedDomains, shapes_of
from models.translation.schedules import learning_rate_at
from models.translation.translator_config import TranslatorConfig
from models.translation.updating import game_draws


def draw_step(
    domains: LoadedDomains,
    config: TranslatorConfig,
    family: Family,
    *,
    seed: int,
    step: int,
    rank: int = 0,
) -> dict[str, Tensor]:
    """The batch with the step's random numbers, its pools' plans, learning rate and weight in the average.

    Process number `rank` draws what follows the parts of those before it. `domains` are what `load_domains` gives.
    """
    device = domains["a"].images.device
    numbers = {
        "learning_rate": learning_rate_at(step, config=config, num_images=smaller(domains)),
        "average_weight": update_share(step, decay=config.ema_decay),
    }
    part = part_of(config, step=step, rank=rank)
    draws = (*game_draws(config, family), *family.draws(config, shapes_of(domains)))
    return {
        **draw_batch(domains, config, seed=seed, step=part),
        **{name: send(torch.tensor(value), device) for name, value in numbers.items()},
        **draw_numbers(draws, seed=seed, step=part, device=device),
        **_pool_plans(
            config, family, step=step, rng_of=lambda name: stream_rng(seed, name, part), device=device
        ),
    }


def smaller(domains: LoadedDomains) -> int:
    """Images of the smaller domain, which ends an epoch."""
    return min(len(domain.images) for domain in domains.values())


def part_of(config: TranslatorConfig, *, step: int, rank: int) -> int:
    """The number of what process `rank` draws for a step."""
    return step * config.processes + rank


def _pool_plans(
    config: TranslatorConfig,
    family: Family,
    *,
    step: int,
    rng_of: Callable[[str], np.random.Generator],
    device: torch.device,
) -> dict[str, Tensor]:
    plans = {}
    for adversary in family.adversaries:
        name = f"pool_{adversary.fake}"
        plan = plan_exchange(
            step, batch_size=config.batch_size, capacity=config.pool_images, rng=rng_of(name)
        )
        plans[name] = send(torch.from_numpy(plan), device)
    return plans
