"""What is watched while a refiner trains; importable without torch."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from models.configs import require
from models.features.config import FeaturesConfig


@dataclass(frozen=True, kw_only=True)
class WarningBounds:
    """Beyond which values a refiner is said to have gone wrong."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    least_change_grey_levels: float = 0.5  # below it the refiner returns its input
    least_diversity: float = (
        0.3  # distance between outputs relative to that between inputs: mode collapse below it
    )
    least_attention: float = 0.02  # mean of the attention maps, which are in 0..1
    most_attention: float = 0.98  # mean of the attention maps, above which nearly all of an image is changed
    most_checkerboard: float = (
        2.0  # energy at the stride's frequencies relative to their neighbours; 1 is none
    )

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            require(value >= 0, f"bounds.{name} must be >= 0, but was {value}.")
        require(
            self.least_attention < self.most_attention,
            f"bounds.least_attention must be below most_attention, but they were {self.least_attention} and "
            f"{self.most_attention}; the defaults are 0.02 and 0.98.",
        )


@dataclass(frozen=True, kw_only=True)
class MonitoringConfig:
    """How often, on how many crops and in which feature space a training is looked at."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    every_steps: int | None = None  # None: with every checkpoint
    samples: int = 8  # crops in the picture
    subset: int = 64  # crops of each domain for the figures; as many as there are where there are fewer
    # the network in which distances are measured
    features: FeaturesConfig = field(
        default_factory=lambda: FeaturesConfig(network="squeezenet1_1", layers=(2,))
    )
    bounds: WarningBounds = field(default_factory=WarningBounds)  # beyond which values there is a warning

    def __post_init__(self) -> None:
        for name in ("every_steps", "samples"):
            value = getattr(self, name)
            require(value is None or value >= 1, f"monitoring.{name} must be >= 1, but was {value}.")
        require(self.subset >= 2, f"monitoring.subset must be >= 2, but was {self.subset}; 64 is cheap.")
