"""Weights of the generators' objective, in layers: a family takes the layer that it needs and adds its own terms.

A weight of 0 leaves its term out. Pixel values are in -1..1.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from models.configs import require

FeatureNorm = Literal["euclidean", "squared"]


@dataclass(frozen=True, kw_only=True)
class Losses:
    """What every family has."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    adversarial: float = 1.0  # of fooling the discriminators; larger changes images more

    def __post_init__(self) -> None:
        for name, weight in vars(self).items():
            if isinstance(weight, int | float):
                require(weight >= 0, f"losses.{name} must be >= 0, but was {weight}; 0 leaves the term out.")

    def weight(self, term: str) -> float:
        """The weight of a term by its name; 0 where the family has no such term."""
        return getattr(self, term, 0.0)


@dataclass(frozen=True, kw_only=True)
class RefiningLosses(Losses):
    """Of families in which an image is to stay what it shows."""

    feature_norm: FeatureNorm = "euclidean"  # of all differences of features, as printed; or its square
    identity_pixel: float = 0.0  # Eq. 2.17, G(x) against its own input x; SimGAN's self-regularisation
    identity_features: float = 0.0  # Eq. 2.19, Euclidean norm an image
    perceptual: float = 0.0  # mean squared difference of instance-normalised features, input against output
    mean_features: float = 0.0  # Eq. 2.20, Euclidean norm to the mean features of the target domain
    unchanged_outside: float = 0.0  # mean absolute change outside the region outline
    head_structure: float = 0.0  # 1 - correlation of the edges in the region kept, before and after

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            self.feature_norm in ("euclidean", "squared"),
            f"losses.feature_norm must be euclidean or squared, but was {self.feature_norm!r}.",
        )


@dataclass(frozen=True, kw_only=True)
class CyclicLosses(RefiningLosses):
    """Of families that translate both ways."""

    cycle_pixel: float = 10.0  # Eq. 2.8, mean over pixels
    cycle_features: float = 0.0  # Eq. 2.18, Euclidean norm an image
