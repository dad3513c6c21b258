"""How much a pixel of each class counts, by how rare the class is among the training's pixels."""

import numpy as np

from models.segmentation.config import ClassWeighting

# Paszke et al. 2016, section 5.2, which keeps weights in 1..50; Romera et al. 2018, section IV: 1..10.
_OFFSETS = {"enet": 1.02, "erfnet": 1.10}


def class_weights(kind: ClassWeighting, pixels_c: np.ndarray) -> np.ndarray | None:
    """Weights [C] of classes with so many known pixels [C]; None where all count alike.

    inverse_frequency: such that all classes that are there count alike, and pixels as 1 in their mean; a class that
    is nowhere has weight 0.
    """
    if kind == "none":
        return None
    shares = pixels_c / pixels_c.sum()
    if kind == "inverse_frequency":
        is_there = shares > 0
        return np.divide(1.0, is_there.sum() * shares, out=np.zeros(len(shares)), where=is_there)
    return 1 / np.log(_OFFSETS[kind] + shares)
