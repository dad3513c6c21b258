"""Trains every refiner of the configurations for a few steps and prints what its weights and states hash to.

Run before and after a change of the training code, on one machine: `python -m tests.benches.refiner_bytes > before.txt`.
Bytes belong to a processor and its libraries, so nothing here is compared with figures of another machine.
"""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml

from models.translation.config import RefinerConfig, read_config
from models.translation.domains import Domains, array_domain
from models.translation.families.aggan_config import AgganConfig
from models.translation.families.one_way_config import OneWayConfig
from models.translation.training import Hooks, train_refiner
from tasks.formats.crops import HEAD, PERSON, REGION_BITS

CONFIGS = Path("flows/configs/people/refiners")
_SIDE_PX, _STEPS = 32, 6


def main() -> None:
    """One line for each refiner and precision: its name, then a digest each of weights, moments, pools and losses."""
    torch.set_num_threads(1)
    for path in sorted(CONFIGS.glob("*.yaml")):
        for precision in ("fp32", "bf16"):
            print(path.stem, precision, *digests(small(path, precision)), flush=True)


def small(path: Path, precision: Any) -> RefinerConfig:
    """The refiner of a file, narrow, short and averaged; its attention freezes on the way."""
    config = read_config(yaml.safe_load(path.read_text(encoding="utf-8")))
    monitoring = config.monitoring
    network = replace(monitoring.features, weights="none")
    changes: dict[str, Any] = {
        "generator": replace(config.generator, filters=4, blocks=min(2, config.generator.blocks)),
        "discriminator": replace(config.discriminator, filters=4),
        "features": replace(config.features, weights="none"),
        "monitoring": replace(monitoring, features=network),
        "pool_images": min(config.pool_images, 3),
    }
    if isinstance(config, AgganConfig):
        changes["attention"] = replace(config.attention, filters=4, frozen_from_epoch=3)
    if isinstance(config, OneWayConfig):
        changes["contrast"] = replace(config.contrast, patches=16, embedding=8)
    length = {"epochs": None, "steps": _STEPS, "batch_size": 2, "checkpoint_every_steps": _STEPS}
    return replace(config, **changes, **length, precision=precision, device="cpu", ema_decay=0.9)


def digests(config: RefinerConfig) -> tuple[str, ...]:
    """Of the state after the last step: networks with their averages, optimisers, pools, and the losses."""
    saved: list[dict[str, Any]] = []
    rng = np.random.default_rng(0)
    synthetic, real = (rng.integers(0, 256, (n, _SIDE_PX, _SIDE_PX, 3), dtype=np.uint8) for n in (7, 4))
    regions = np.zeros(synthetic.shape[:3], np.uint8)
    regions[:, 4:30, 6:24] |= PERSON
    regions[:, 2:12, 9:22] |= HEAD
    domains = Domains(
        array_domain("synthetic", synthetic, regions_nhw=regions, bits=REGION_BITS),
        array_domain("real", real),
    )
    train_refiner(config, domains, seed=7, resume=None, hooks=Hooks(save=saved.append))
    state = saved[-1]
    moments = [optimizer["state"] for optimizer in state["optimizers"].values()]
    parts = ((state["networks"], state["average"]), moments, state["pools"], state["history"])
    return tuple(_digest(part) for part in parts)


def _digest(tree: Any) -> str:
    digest = hashlib.sha256()
    for leaf in _leaves(tree):
        digest.update(leaf.numpy().tobytes() if isinstance(leaf, torch.Tensor) else repr(leaf).encode())
    return digest.hexdigest()[:16]


def _leaves(tree: Any) -> list[Any]:
    """Values of a nested state by sorted keys, so that only what is in it counts."""
    if isinstance(tree, dict):
        return [leaf for key in sorted(tree, key=str) for leaf in [str(key), *_leaves(tree[key])]]
    if isinstance(tree, list | tuple):
        return [leaf for item in tree for leaf in _leaves(item)]
    return [
        tree.float().contiguous() if isinstance(tree, torch.Tensor) and tree.is_floating_point() else tree
    ]


if __name__ == "__main__":
    main()
