"""What a refiner learns from; importable without torch."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Domains:
    """Unpaired crops uint8 [n, h, w, 3], and for the synthetic ones, where known, what lies where.

    `synthetic_regions_nhw` is uint8: bit PERSON inside the person's outline, bit HEAD inside the head's box.
    """

    synthetic_nhwc: np.ndarray
    real_nhwc: np.ndarray
    synthetic_regions_nhw: np.ndarray | None = None
