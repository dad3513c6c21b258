"""How the variational autoencoder of masks is built and trained; importable without torch."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from models.augmentation.config import GeometricConfig
from models.configs import require
from models.training.supervised_config import Schedule, SupervisedConfig

HALVINGS = 5  # of the mask's side on the way to its code


@dataclass(frozen=True, kw_only=True)
class MaskVaeConfig(SupervisedConfig):
    """A VAE of masks with one channel; the seed tells neither its size nor its losses, these are ours."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    steps: int = 8000  # updates in all, one a batch
    batch_size: int = 32  # masks of an update, in each process
    size_px: int = 128  # side of a mask, a multiple of 32
    codes: int = 64  # numbers that a mask becomes
    filters: int = 32  # channels at half of the size; 16 costs a third
    # weight of the KL divergence beside the cross entropy, both summed per mask; larger makes samples better and
    # reconstructions worse
    beta: float = 1.0
    beta_warmup_steps: int = (
        1000  # steps in which beta rises from 0, so that codes are used before they are pressed
    )
    weight_decay: float = 0.0  # larger keeps weights smaller; with 0 AdamW is Adam
    # few real masks become many: flips, turns by tilt_deg, scales; outside of a mask nothing is soiled
    augmentation: GeometricConfig = field(
        default_factory=lambda: GeometricConfig(tilt_deg=10.0, smallest_scale=1.0, largest_scale=1.4)
    )
    schedule: Schedule = "cosine"

    def __post_init__(self) -> None:
        super().__post_init__()
        least = 2**HALVINGS
        require(
            self.size_px >= least and self.size_px % least == 0,
            f"size_px must be a multiple of {least}, but was {self.size_px}; "
            f"{max(1, self.size_px // least) * least} is one.",
        )
        for name in ("codes", "filters"):
            require(getattr(self, name) >= 1, f"{name} must be >= 1, but was {getattr(self, name)}.")
        for name in ("beta", "beta_warmup_steps"):
            require(getattr(self, name) >= 0, f"{name} must be >= 0, but was {getattr(self, name)}.")
        require(
            self.augmentation.crop_hw is None,
            f"augmentation.crop_hw is {self.augmentation.crop_hw}, but masks keep their size; leave it out.",
        )
