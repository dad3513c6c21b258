"""What the training of every family of translators has in common; each family adds its networks and losses."""

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from models.arithmetic.precision import settle
from models.configs import DeviceName, Precision, require
from models.features.config import FeaturesConfig
from models.translation.adversarial_config import AdversarialConfig
from models.translation.loss_weights import Losses
from models.translation.monitoring.config import MonitoringConfig

_COUNTS = ("epochs", "steps", "batch_size", "processes", "report_every_steps", "checkpoint_every_steps")


@dataclass(frozen=True, kw_only=True)
class TranslatorConfig:
    """Exactly one of `epochs` (min(|A|, |B|) / batch steps each, the batch over all processes) and `steps` is given."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    family: str  # cyclegan, aggan (with attention), one_way (SimGAN, CUT and FastCUT) or unit
    # weight of each loss; which ones make the refiners of the thesis is in flows/configs/people/refiners
    losses: Losses
    # the fixed network that the losses of features compare in
    features: FeaturesConfig = field(default_factory=FeaturesConfig)
    # the game between the two networks
    adversarial: AdversarialConfig = field(default_factory=AdversarialConfig)
    # passes over the smaller set of images; the thesis has 160; None where steps is given
    epochs: int | None = 160
    steps: int | None = None  # updates in all; None where epochs is given
    batch_size: int = 1  # images of each domain in an update; the thesis has 1
    processes: int = 1  # one for each GPU, every one with a batch of batch_size of its own
    learning_rate: float = 2e-4  # of Adam in the first half; falls to 0 in the second; the thesis has 0.0002
    adam_beta1: float = 0.5  # Adam's memory of gradients; the thesis has 0.5
    adam_beta2: float = 0.999  # Adam's memory of squared gradients
    # share of each weight that Adam adds to its gradient (L2, not AdamW's); the thesis has 0, UNIT 0.0001
    weight_decay: float = 0.0
    # earlier translated images from which the discriminator learns too; the thesis has 50; 0 keeps none
    pool_images: int = 50
    flip_probability: float = 0.5  # of an image, left to right
    ema_decay: float = 0.0  # 0 keeps no moving average of the generators
    # of the arithmetic: fp32 (TF32 in a GPU's convolutions), or bf16, which is faster where the hardware knows it;
    # auto chooses by the machine, as its device is
    precision: Precision = "auto"
    device: DeviceName = "auto"  # auto: CUDA where there is one
    report_every_steps: int = 20  # steps between two lines of losses in history.csv
    checkpoint_every_steps: int = 2000  # steps between two states that a killed training goes on from
    # figures and pictures while it trains
    monitoring: MonitoringConfig = field(default_factory=MonitoringConfig)

    def __post_init__(self) -> None:
        self._check_length()
        require(self.learning_rate > 0, f"learning_rate must be > 0, but was {self.learning_rate}.")
        require(self.weight_decay >= 0, f"weight_decay must be >= 0, but was {self.weight_decay}.")
        require(
            self.pool_images >= 0, f"pool_images must be >= 0, but was {self.pool_images}; 0 keeps no pool."
        )
        for name in ("adam_beta1", "adam_beta2", "ema_decay"):
            value = getattr(self, name)
            require(0 <= value < 1, f"{name} must be in 0..1 (1 excluded), but was {value}.")
        require(
            0 <= self.flip_probability <= 1,
            f"flip_probability must be in 0..1, but was {self.flip_probability}.",
        )

    def settled(self) -> Self:
        """The same with the precision that `auto` is on this machine."""
        return replace(self, precision=settle(self.precision, self.device))

    def losses_of(self, domain: str) -> Losses:
        """The weights of what begins in a domain, and of fooling its discriminator."""
        return self.losses

    def _check_length(self) -> None:
        require(
            (self.epochs is None) != (self.steps is None),
            f"Exactly one of epochs and steps must be given, but they were {self.epochs} and {self.steps}; "
            "set the other one to null.",
        )
        for name in _COUNTS:
            value = getattr(self, name)
            require(value is None or value >= 1, f"{name} must be >= 1, but was {value}.")
