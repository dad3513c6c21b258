"""Figures of a finished refiner: how near it came to the real crops, what it changed, and whether what is kept stayed."""

import numpy as np
import torch
from torch import Tensor

from models.features.distances import frechet_distance, kernel_distance
from models.features.networks import FeatureNetwork
from models.training.checkpoints import State
from models.translation.images import to_floats
from models.translation.monitoring.change import Pairs, diversity_ratio, mean_change, region_change
from models.translation.monitoring.checkerboard import checkerboard_energy
from models.translation.monitoring.displacement import displacements_px, summarise
from models.translation.refining import load_refiner

_BATCH = 16
_KERNEL_DRAWS = 20
_LEAST_FOR_SPREAD = 8  # crops: halves of fewer are hardly different draws


def measure_pairs(
    pairs: Pairs, real_nhwc: np.ndarray, network: FeatureNetwork, *, rng: np.random.Generator
) -> dict[str, float]:
    """Every figure of refined crops that says anything about these; `rng` draws the spread of the kernel distance."""
    return (
        _distance_figures(pairs, real_nhwc, network, rng=rng)
        | _change_figures(pairs)
        | _pattern_figures(pairs, real_nhwc)
        | _displacement_figures(pairs)
    )


def attention_maps(state: State, images_nhwc: np.ndarray, device: torch.device) -> np.ndarray | None:
    """float32 [n, h, w] in 0..1 of a finished refiner's attention to uint8 crops; None where it has none."""
    translate, parts = load_refiner(state, device, "fp32"), []
    for part in _to_bchw(images_nhwc).split(_BATCH):
        attention = translate(to_floats(part.to(device))).attention
        if attention is None:
            return None
        parts.append(attention.float().cpu())
    return torch.cat(parts)[:, 0].numpy()


def _distance_figures(
    pairs: Pairs, real_nhwc: np.ndarray, network: FeatureNetwork, *, rng: np.random.Generator
) -> dict[str, float]:
    """Frechet and kernel distances between equally many unrefined, refined and real crops (Table 4.1).

    Those of a set to itself are between two halves of it, which have no crop in common. None of fewer than two crops a
    set, which have no distribution.
    """
    count = min(len(pairs), len(real_nhwc))
    if count < 2:
        return {}
    refined, unrefined, real = (
        image_vectors(network, images[:count]) for images in (pairs.after, pairs.before, real_nhwc)
    )
    figures = (
        _distances("_unrefined", unrefined, real, rng)
        | _distances("", refined, real, rng)
        | _distances("_to_synthetic", refined, unrefined, rng)
    )
    half = count // 2
    if half >= 2:
        figures |= _distances("_synthetic_halves", unrefined[:half], unrefined[half : 2 * half], rng)
        figures |= _distances("_real_halves", real[:half], real[half : 2 * half], rng)
    return figures


def _distances(
    suffix: str, first_nd: np.ndarray, second_nd: np.ndarray, rng: np.random.Generator
) -> dict[str, float]:
    """Both distances between two sets of vectors, named with `suffix`."""
    kernel = kernel_distance(first_nd, second_nd, draws=_KERNEL_DRAWS, rng=rng)
    figures = {f"frechet{suffix}": frechet_distance(first_nd, second_nd), f"kid{suffix}": kernel.value}
    return figures | ({f"kid_std{suffix}": kernel.std} if len(first_nd) >= _LEAST_FOR_SPREAD else {})


def _change_figures(pairs: Pairs) -> dict[str, float]:
    """What differs between inputs and outputs, in and out of the outlines where there are such."""
    regions = region_change(pairs.before, pairs.after, pairs.outline)
    figures = {
        "change_grey_levels": mean_change(pairs.before, pairs.after),
        "change_inside_grey_levels": regions.inside,
        "change_outside_grey_levels": regions.outside,
        "diversity_ratio": diversity_ratio(pairs.before, pairs.after) if len(pairs) >= 2 else None,
    }
    return {name: value for name, value in figures.items() if value is not None}


def _pattern_figures(pairs: Pairs, real_nhwc: np.ndarray) -> dict[str, float]:
    """Energy at the stride's frequencies of unrefined, refined and real crops."""
    return {
        "checkerboard_unrefined": checkerboard_energy(pairs.before),
        "checkerboard": checkerboard_energy(pairs.after),
        "checkerboard_real": checkerboard_energy(real_nhwc),
    }


def _displacement_figures(pairs: Pairs) -> dict[str, float]:
    """How far moved what is kept; nothing where none of it is large enough to be registered."""
    summary = summarise(displacements_px(pairs.before, pairs.after, boxes_around(pairs.kept)))
    if summary is None:
        return {}
    return {
        "displacement_mean_px": summary.mean_px,
        "displacement_p95_px": summary.p95_px,
        "displacement_share_over_1px": summary.share_over_1px,
        "num_displacements": summary.num_boxes,
    }


def boxes_around(is_inside_nhw: np.ndarray) -> np.ndarray:
    """float64 [n, 4] xyxy around the pixels of each map that are true; NaN where none is."""
    boxes = np.full((len(is_inside_nhw), 4), np.nan)
    for box, is_inside in zip(boxes, is_inside_nhw, strict=True):
        rows, columns = np.flatnonzero(is_inside.any(axis=1)), np.flatnonzero(is_inside.any(axis=0))
        if len(rows):
            box[:] = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    return boxes


def image_vectors(network: FeatureNetwork, images_nhwc: np.ndarray) -> np.ndarray:
    """float32 [n, d] of uint8 images, on the network's device: the deepest chosen layer, averaged over the image."""
    return layer_vectors(network, images_nhwc)[-1]


@torch.inference_mode()
def layer_vectors(network: FeatureNetwork, images_nhwc: np.ndarray) -> list[np.ndarray]:
    """float32 [n, d] of uint8 images for each chosen layer, averaged over the image."""
    device = network.mean.device
    batches = [
        [activations.mean((2, 3)).cpu() for activations in network.maps(to_floats(part.to(device)))]
        for part in _to_bchw(images_nhwc).split(_BATCH)
    ]
    return [torch.cat(layer).numpy() for layer in zip(*batches, strict=True)]


def _to_bchw(images_nhwc: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(images_nhwc)).permute(0, 3, 1, 2).contiguous()
