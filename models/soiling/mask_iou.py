"""How alike masks of soiling are, and how new drawn ones are. Masks are float [n, h, w] in 0..1."""

import numpy as np
import torch
from torch import Tensor

SOILED = 0.5  # opacity from which a pixel counts as soiled in an IoU
NEW_BELOW = 0.9  # IoU with the nearest mask of the training, below which a mask is new


def pairwise_iou(masks_nhw: np.ndarray, others_mhw: np.ndarray, *, soiled: float = SOILED) -> np.ndarray:
    """float64 [n, m] of what is soiled in each pair; 1 where neither has any."""
    first, second = (_soiled_rows(masks, soiled) for masks in (masks_nhw, others_mhw))
    both = (first @ second.T).double()
    either = first.sum(1, dtype=torch.float64)[:, None] + second.sum(1, dtype=torch.float64)[None] - both
    return torch.where(either > 0, both / either.clamp(min=1), 1.0).numpy()


def matching_iou(masks_nhw: np.ndarray, others_nhw: np.ndarray, *, soiled: float = SOILED) -> np.ndarray:
    """float64 [n] of each mask and its own partner; not a number where neither has any soiling."""
    first, second = np.asarray(masks_nhw) >= soiled, np.asarray(others_nhw) >= soiled
    both, either = ((first & second).sum((1, 2)), (first | second).sum((1, 2)))
    return np.divide(both, either, out=np.full(len(first), np.nan), where=either > 0)


def mean_iou(masks_nhw: np.ndarray, others_nhw: np.ndarray, *, soiled: float = SOILED) -> float:
    """The mean over partners of which one or both have soiling; 0 where there are none."""
    known = matching_iou(masks_nhw, others_nhw, soiled=soiled)
    known = known[~np.isnan(known)]
    return float(known.mean()) if len(known) else 0.0


def soft_iou(masks_nhw: np.ndarray, others_nhw: np.ndarray) -> np.ndarray:
    """float64 [n]: sum of minima by sum of maxima, which needs no threshold; 1 where neither has any soiling."""
    least = np.minimum(masks_nhw, others_nhw).sum((1, 2), dtype=np.float64)
    most = np.maximum(masks_nhw, others_nhw).sum((1, 2), dtype=np.float64)
    return np.divide(least, most, out=np.ones(len(least)), where=most > 0)


def new_share(drawn_nhw: np.ndarray, training_mhw: np.ndarray, *, new_below: float = NEW_BELOW) -> float:
    """Share of drawn masks that have an IoU below `new_below` with every mask of the training."""
    return float((pairwise_iou(drawn_nhw, training_mhw).max(1) < new_below).mean())


def _soiled_rows(masks_nhw: np.ndarray, soiled: float) -> Tensor:
    """Float32 [n, h w] of 0 and 1, whose products are exact up to 2^24 pixels."""
    return torch.from_numpy(np.asarray(masks_nhw) >= soiled).flatten(1).float()
