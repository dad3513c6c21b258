"""Looks at a refiner while it trains: the same crops every time, figures, warnings and a picture."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.features.distances import frechet_distance, kernel_distance
from models.features.networks import FeatureNetwork
from models.translation.families.family import Refined, show_first_three
from models.translation.image_sets import ImageSet
from models.translation.images import to_bytes, to_floats
from models.translation.monitoring.change import diversity_ratio, mean_change
from models.translation.monitoring.checkerboard import checkerboard_energy
from models.translation.monitoring.config import MonitoringConfig
from models.translation.monitoring.grids import tile
from models.translation.monitoring.symptoms import find_symptoms

Refine = Callable[[Tensor], Refined]  # of images bchw in -1..1
Show = Callable[[Tensor], Tensor]  # of such images, as pictures [b, 3, h, w] in -1..1
_BATCH = 16


@dataclass(frozen=True, kw_only=True)
class Observation:
    """A refiner after `step` steps. `grid` is uint8 [h, w, 3]: inputs, their refined versions, attention if there is any.

    Distances are between `num_images` crops of each set, in the feature space that `extractor` names.
    """

    step: int
    figures: dict[str, float]
    warnings: tuple[str, ...]
    grid: np.ndarray
    extractor: str
    num_images: int

    def record(self) -> dict[str, Any]:
        """Everything but the picture, as plain values for a history."""
        return {
            "step": self.step,
            "figures": dict(self.figures),
            "warnings": list(self.warnings),
            "extractor": self.extractor,
            "num_images": self.num_images,
        }


class Monitor:
    """Holds the fixed crops, evenly spaced over both sets, and what of them never changes."""

    def __init__(
        self,
        config: MonitoringConfig,
        synthetic_bchw: ImageSet,
        real_bchw: ImageSet,
        show: Show = show_first_three,
    ) -> None:
        """Takes both whole sets on one device. ValueError where the feature network cannot be had."""
        self.config = config
        self._show = show
        self.num_images = min(config.subset, len(synthetic_bchw), len(real_bchw))
        self._network = FeatureNetwork(config.features).to(synthetic_bchw.device)
        self._samples = synthetic_bchw[evenly_spaced(len(synthetic_bchw), config.samples)]
        self._inputs = synthetic_bchw[evenly_spaced(len(synthetic_bchw), self.num_images)]
        real = real_bchw[evenly_spaced(len(real_bchw), self.num_images)]
        self._real_vectors = self._vectors(self._pictures(real))
        self._unrefined_pictures = self._pictures(self._inputs)
        self._unrefined = _named(self._distances(self._unrefined_pictures), suffix="_unrefined")

    def observe(self, refine: Refine, *, step: int) -> Observation:
        """Figures of the refined subset, beside those of the unrefined one, and the grid of samples."""
        refined, attention = self._refine_all(refine, self._inputs)
        figures = (
            self._distances(refined) | self._unrefined | _image_figures(self._unrefined_pictures, refined)
        )
        if attention is not None:
            figures["mean_attention"] = float(attention.mean())
        return Observation(
            step=step,
            figures=figures,
            warnings=find_symptoms(figures, self.config.bounds),
            grid=self._draw(refine),
            extractor=self._network.name,
            num_images=self.num_images,
        )

    def _draw(self, refine: Refine) -> np.ndarray:
        refined, attention = self._refine_all(refine, self._samples)
        rows = [_to_nhwc(self._pictures(self._samples)), _to_nhwc(refined)]
        if attention is not None:
            grey = (attention * 255).round().clamp(0, 255).to(torch.uint8)
            rows.append(_to_nhwc(grey.expand(-1, 3, -1, -1)))
        return tile(rows)

    def _pictures(self, images_bchw: Tensor) -> Tensor:
        """Stored images as uint8 [n, 3, h, w]."""
        return to_bytes(self._show(to_floats(images_bchw)))

    @torch.inference_mode()
    def _refine_all(self, refine: Refine, images_bchw: Tensor) -> tuple[Tensor, Tensor | None]:
        """The refined images as pictures, and the attention as floats."""
        outputs = [refine(to_floats(part)) for part in images_bchw.split(_BATCH)]
        refined = torch.cat([to_bytes(self._show(output.images)) for output in outputs])
        attention = [output.attention.float() for output in outputs if output.attention is not None]
        return refined, torch.cat(attention) if attention else None

    def _distances(self, images_bchw: Tensor) -> dict[str, float]:
        """To the real subset; none of a single image, which has no distribution."""
        if self.num_images < 2:
            return {}
        vectors = self._vectors(images_bchw)
        kernel = kernel_distance(vectors, self._real_vectors, draws=0, rng=np.random.default_rng(0))
        return {"frechet": frechet_distance(vectors, self._real_vectors), "kid": kernel.value}

    @torch.inference_mode()
    def _vectors(self, images_bchw: Tensor) -> np.ndarray:
        """[n, d] in float32 whatever the training runs in."""
        with torch.autocast(images_bchw.device.type, enabled=False):
            parts = [self._network.vectors(to_floats(part)) for part in images_bchw.split(_BATCH)]
        return torch.cat(parts).cpu().numpy()


def evenly_spaced(population: int, count: int) -> list[int]:
    """`count` rising indices from the first to the last of `population` items, or all where there are fewer."""
    return np.linspace(0, population - 1, min(count, population)).round().astype(int).tolist()


def _image_figures(inputs_bchw: Tensor, refined_bchw: Tensor) -> dict[str, float]:
    before, after = _to_nhwc(inputs_bchw), _to_nhwc(refined_bchw)
    figures = {
        "change_grey_levels": mean_change(before, after),
        "checkerboard": checkerboard_energy(after),
        "checkerboard_unrefined": checkerboard_energy(before),
    }
    return figures | ({"diversity_ratio": diversity_ratio(before, after)} if len(before) >= 2 else {})


def _named(figures: dict[str, float], *, suffix: str) -> dict[str, float]:
    return {f"{name}{suffix}": value for name, value in figures.items()}


def _to_nhwc(images_bchw: Tensor) -> np.ndarray:
    return images_bchw.permute(0, 2, 3, 1).cpu().numpy()
