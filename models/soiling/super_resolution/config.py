"""How the super-resolution network is built and trained; importable without torch."""

from dataclasses import dataclass
from typing import Any, ClassVar

from models.configs import require
from models.training.supervised_config import SupervisedConfig

FACTOR = 4  # by which width and height grow; the seed's networks see a quarter of both


@dataclass(frozen=True, kw_only=True)
class SuperResolutionConfig(SupervisedConfig):
    """EDSR's smaller network (Lim et al. 2017): 16 blocks of 64 channels, trained with L1."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    steps: int = 20_000  # updates in all, one a batch
    batch_size: int = 16  # crops of an update, in each process
    learning_rate: float = 2e-4  # of Adam
    weight_decay: float = 0.0  # larger keeps weights smaller; with 0 AdamW is Adam
    filters: int = 64  # channels of the residual blocks; the paper's large network has 256
    blocks: int = 16  # residual blocks; the paper's large network has 32
    crop_px: int = 192  # side of a training crop before it is reduced, a multiple of 4

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("filters", "blocks"):
            require(getattr(self, name) >= 1, f"{name} must be >= 1, but was {getattr(self, name)}.")
        require(
            self.crop_px >= 4 * FACTOR and self.crop_px % FACTOR == 0,
            f"crop_px must be a multiple of {FACTOR} and >= {4 * FACTOR}, but was {self.crop_px}.",
        )
