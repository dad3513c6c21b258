"""One image with its label map on the way out."""

from dataclasses import dataclass

import numpy as np

from tasks.formats.label_maps import LabelMapRecord


@dataclass(frozen=True)
class Labelled:
    """`image` uint8 [h, w, 3]; `labels` uint8 [h, w] of training ids, None where the image has no map; `alpha` float32
    [h, w] in 0..1, of soiled images.
    """

    record: LabelMapRecord
    image: np.ndarray
    labels: np.ndarray | None
    alpha: np.ndarray | None = None
