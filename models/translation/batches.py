"""The unpaired batch of a step, drawn from both domains: a pure function of (seed, step)."""

import numpy as np
import torch
from torch import Tensor

from models.training.randomness import sample_indices, stream_rng
from models.translation.image_sets import ImageSet, take
from models.translation.images import to_floats
from models.translation.loading import LoadedDomain, LoadedDomains
from models.translation.translator_config import TranslatorConfig


def draw_batch(
    domains: LoadedDomains, config: TranslatorConfig, *, seed: int, step: int
) -> dict[str, Tensor]:
    """Of each domain d real_d, floats bchw, flipped left to right with `flip_probability`, and, flipped alike, all
    that the domain has: each needed region, as outline_d [b, 1, h, w] of 0 and 1, labels_d int64 [b, h, w], pair_d bchw.

    An epoch ends with the smaller set (thesis section 3.5); the larger one goes on where it was.
    """
    return {
        name: value
        for letter, domain in domains.items()
        for name, value in _draw(letter, domain, config, seed=seed, step=step).items()
    }


def _draw(
    letter: str, domain: LoadedDomain, config: TranslatorConfig, *, seed: int, step: int
) -> dict[str, Tensor]:
    count, name = config.batch_size, f"real_{letter}"
    chosen = torch.from_numpy(
        sample_indices(seed, name, start=step * count, count=count, population=len(domain.images))
    )
    flips = stream_rng(seed, f"flip_{name}", step).random(count) < config.flip_probability
    batch = {name: to_floats(_take(domain.images, chosen, flips))}
    if domain.regions is not None:
        regions = _take(domain.regions, chosen, flips)
        batch |= {f"{region}_{letter}": (regions & bit).float() / bit for region, bit in domain.bits.items()}
    if domain.labels is not None:
        batch[f"labels_{letter}"] = _take(domain.labels, chosen, flips)[:, 0].long()
    if domain.pairs is not None:
        batch[f"pair_{letter}"] = to_floats(_take(domain.pairs, chosen, flips))
    return batch


def _take(images: ImageSet, chosen: Tensor, flips: np.ndarray) -> Tensor:
    batch = take(images, chosen)
    return torch.stack([image.flip(-1) if flip else image for image, flip in zip(batch, flips, strict=True)])
