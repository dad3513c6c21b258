"""Anchors of networks that look at several grids, coarse ones for large boxes; sizes from the training boxes."""

import numpy as np
import torch
from torch import Tensor
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.image_list import ImageList

from models.detection.networks.anchors import anchor_grid, cluster_sizes, to_xyxy


def cluster_level_sizes(
    boxes_wh: np.ndarray, *, strides_px: tuple[int, ...], count: int, rng: np.random.Generator
) -> np.ndarray:
    """Sizes [levels, count, 2] in pixels: of all boxes for the finest level, of those as large as its cells for others.

    A level whose cells are larger than every box gets the sizes of the level before, doubled.
    """
    sides = np.sqrt(boxes_wh.prod(1))
    levels = [cluster_sizes(boxes_wh, count=count, rng=rng)]
    for stride_px in strides_px[1:]:
        large = boxes_wh[sides >= stride_px]
        levels.append(cluster_sizes(large, count=count, rng=rng) if len(large) else 2 * levels[-1])
    return np.stack(levels)


class LevelAnchors(AnchorGenerator):
    """Centred in their cells, with `sizes_wh` [levels, count, 2], which is set when the detector is placed."""

    def __init__(self, *, levels: int, count: int) -> None:
        super().__init__(sizes=((1,) * count,) * levels, aspect_ratios=((1.0,),) * levels)
        self.sizes_wh = np.ones((levels, count, 2))

    def forward(self, image_list: ImageList, feature_maps: list[Tensor]) -> list[Tensor]:
        """Corners [a, 4] in pixels of all anchors for every image, level by level."""
        height, width = image_list.tensors.shape[-2:]
        grids = [
            anchor_grid(sizes_wh, grid_hw=(features.shape[-2], features.shape[-1]), image_hw=(height, width))
            for sizes_wh, features in zip(self.sizes_wh, feature_maps, strict=True)
        ]
        corners = torch.from_numpy(to_xyxy(np.concatenate(grids))).to(image_list.tensors.device)
        return [corners] * len(image_list.image_sizes)
