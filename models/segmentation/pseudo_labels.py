"""Labels that a segmenter gives to images without any, where it is sure enough (seed 001; CBST, Zou et al. 2018)."""

from collections.abc import Iterator

import numpy as np
import torch

from models.augmentation.config import IGNORE_LABEL
from models.configs import require
from models.segmentation.applying import Segmenter, find_logits
from models.segmentation.images import load_images

CONFIDENCE_LEVELS = 1000  # of probability, that medians are found among


def pseudo_label(
    segmenter: Segmenter,
    images_nhwc: np.ndarray,
    *,
    least_confidence: float = 0.9,
    kept_share: float = 0.5,
    batch_size: int = 8,
) -> Iterator[np.ndarray]:
    """uint8 [b, h, w], batch by batch: the likeliest class where its probability is at least `least_confidence` and among
    the surest `kept_share` of all pixels of that class in the set; 255 elsewhere.

    Images are passed over twice, so that a set need not fit into memory. ValueError for shares outside of 0..1.
    """
    require(0 <= least_confidence <= 1, f"least_confidence must be in 0..1, but was {least_confidence}.")
    require(0 < kept_share <= 1, f"kept_share must be above 0 and at most 1, but was {kept_share}.")
    require(
        not segmenter.config.has_levels,
        "Pseudo-labels need classes, but this segmenter tells levels; train one without losses.pixel: binary.",
    )
    shape = segmenter.config.num_classes, CONFIDENCE_LEVELS + 1
    counts_ck = np.zeros(shape, np.int64)
    for labels, levels in _answers(segmenter, images_nhwc, batch_size):
        places = np.ravel_multi_index((labels.ravel(), levels.ravel()), shape)
        counts_ck += np.bincount(places, minlength=counts_ck.size).reshape(shape)
    thresholds_c = np.maximum(
        class_thresholds(counts_ck, kept_share=kept_share), round(least_confidence * CONFIDENCE_LEVELS)
    )
    for labels, levels in _answers(segmenter, images_nhwc, batch_size):
        yield np.where(levels >= thresholds_c[labels], labels, IGNORE_LABEL).astype(np.uint8)


def class_thresholds(counts_ck: np.ndarray, *, kept_share: float) -> np.ndarray:
    """Of each class [c] the highest level of confidence at or above which at least `kept_share` of its pixels are.

    `counts_ck`: how many pixels of the class have each level. A class without pixels has level 0.
    """
    above_ck = counts_ck[:, ::-1].cumsum(axis=1)[:, ::-1]  # at this level or a higher one
    enough_ck = above_ck >= kept_share * above_ck[:, :1]
    return np.where(above_ck[:, 0] > 0, enough_ck.shape[1] - 1 - enough_ck[:, ::-1].argmax(axis=1), 0)


def _answers(
    segmenter: Segmenter, images_nhwc: np.ndarray, batch_size: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Classes and levels of confidence, each [b, h, w]."""
    for start in range(0, len(images_nhwc), batch_size):
        images = load_images(np.asarray(images_nhwc[start : start + batch_size]), segmenter.device)
        with torch.inference_mode():
            confidences, labels = find_logits(segmenter, images).float().softmax(dim=1).max(dim=1)
        levels = (confidences * CONFIDENCE_LEVELS).floor().long()
        yield labels.cpu().numpy(), levels.cpu().numpy()
