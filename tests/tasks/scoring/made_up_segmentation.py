"""The evaluation of a segmentation that nobody trained: confusion matrices as wanted, scored by the very step's parts."""

import numpy as np

from models.judging.measures import find_measure
from models.judging.sufficient_statistics import class_statistics
from tasks.scoring.arms import score_arms
from tasks.scoring.records import Counted

NAMES = ("mean_iou", "pixel_accuracy", "class_iou:2")
NUM_IMAGES, NUM_SEEDS = 24, 3


def count_segmentation(hits, *, seed=0):
    """`hits`: by arm the share of pixels that are right, of 3 classes with 100, 60 and 20 pixels in each image."""
    rng = np.random.default_rng(seed)
    arms = {arm: class_statistics(_confusion(rng, share)) for arm, share in hits.items()}
    return Counted(
        images=tuple(f"{number}.png" for number in range(NUM_IMAGES)),
        clips=tuple(f"clip {number // 2}" for number in range(NUM_IMAGES)),
        truths=("",) * NUM_IMAGES,
        seeds=tuple(range(NUM_SEEDS)),
        arms=arms,
        conditions={},
    )


def evaluate_segmentation(counted, pairs=()):
    """`evaluation.json` with the mIoU of every arm on R_val, as training leaves it: that on the test here."""
    shown = [find_measure(name) for name in NAMES]
    result = score_arms(counted, main=shown[0], shown=shown, pairs=pairs)
    for row in (*result["scores"], *(seed for score in result["scores"] for seed in score["seeds"])):
        row["val_mean_iou"] = row["mean_iou"]
    return result


def _confusion(rng, share):
    confusion = np.zeros((NUM_SEEDS, NUM_IMAGES, 3, 3))
    for label, pixels in enumerate((100, 60, 20)):
        right = rng.binomial(pixels, share, (NUM_SEEDS, NUM_IMAGES))
        confusion[..., label, label], confusion[..., label, (label + 1) % 3] = right, pixels - right
    return confusion
