"""Everything that one step takes in, drawn ahead on the host: a pure function of (seed, step)."""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from models.arithmetic.devices import send
from models.training.randomness import stream_rng
from models.translation.config import RefinerConfig
from models.translation.families.family import Draws, Family
from models.translation.image_pool import plan_exchange
from models.translation.images import draw_batch
from models.translation.moving_average import update_weight
from models.translation.schedules import learning_rate_at
from models.translation.updating import game_draws


def draw_step(
    domains: Mapping[str, Tensor],
    config: RefinerConfig,
    family: Family,
    *,
    seed: int,
    step: int,
    rank: int = 0,
) -> dict[str, Tensor]:
    """The batch with the step's random numbers, its pools' plans, learning rate and weight in the average.

    Process number `rank` draws what follows the parts of those before it. `domains` are what `load_domains` gives,
    with the mean features where a loss needs them.
    """
    device = domains["real_a"].device
    num_images = min(len(domains["real_a"]), len(domains["real_b"]))
    numbers = {
        "learning_rate": learning_rate_at(step, config=config, num_images=num_images),
        "average_weight": update_weight(step, decay=config.ema_decay),
    }
    part = step * config.processes + rank
    constants = {name: value for name, value in domains.items() if name.startswith("mean_")}
    return {
        **draw_batch(domains, config, seed=seed, step=part),
        **{name: send(torch.tensor(value), device) for name, value in numbers.items()},
        **_uniform(game_draws(config, family) | family.draws(config), seed=seed, step=part, device=device),
        **_pool_plans(
            config, family, step=step, rng_of=lambda name: stream_rng(seed, name, part), device=device
        ),
        **constants,
    }


def _uniform(draws: Draws, *, seed: int, step: int, device: torch.device) -> dict[str, Tensor]:
    """Every named draw as float32 in 0..1 (1 excluded)."""
    return {
        name: send(torch.from_numpy(stream_rng(seed, name, step).random(shape, dtype="float32")), device)
        for name, shape in draws.items()
    }


def _pool_plans(
    config: RefinerConfig,
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
