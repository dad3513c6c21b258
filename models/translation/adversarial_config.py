"""How generators and discriminators play against each other; importable without torch."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from models.configs import require

AdversarialName = Literal["least_squares", "cross_entropy", "hinge", "wasserstein"]
Augmentation = Literal["color", "translation"]


@dataclass(frozen=True, kw_only=True)
class AdversarialConfig:
    """The game between generators and discriminators; everything but the loss is off by default."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    loss: AdversarialName = "least_squares"  # least_squares is the thesis's
    gradient_penalty: float = 0.0  # weight of (|gradient| - 1)^2 between real and fake; WGAN-GP uses 10
    r1: float = 0.0  # gamma of gamma / 2 x |gradient|^2 at real images (Mescheder et al. 2018)
    augment: tuple[
        Augmentation, ...
    ] = ()  # of all that the discriminators see (DiffAugment, Zhao et al. 2020)

    def __post_init__(self) -> None:
        allowed = ("least_squares", "cross_entropy", "hinge", "wasserstein")
        require(
            self.loss in allowed,
            f"adversarial.loss must be one of {', '.join(allowed)}, but was {self.loss!r}.",
        )
        for name in ("gradient_penalty", "r1"):
            value = getattr(self, name)
            require(value >= 0, f"adversarial.{name} must be >= 0, but was {value}; 0 leaves it out.")
        require(
            set(self.augment) <= {"color", "translation"},
            f"adversarial.augment must hold some of color, translation, but was {list(self.augment)}.",
        )
