"""How any supervised network is trained; importable without torch."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, Self, get_args

from models.arithmetic.precision import settle
from models.configs import Arithmetic, DeviceName, Precision, require

Schedule = Literal["cosine", "polynomial", "constant", "late_linear"]


@dataclass(frozen=True, kw_only=True)
class SupervisedConfig:
    """Length, optimiser and rhythm of one training with AdamW."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    steps: int  # updates in all, one a batch
    batch_size: int = 8  # images of an update, in each process; more need more memory
    learning_rate: float = 1e-3  # after the warm-up
    # how it falls after that: along half a cosine, as (1 - done)^polynomial_power, not at all, or from half of the steps on
    # along a line, as CycleGAN's
    schedule: Schedule = "cosine"
    final_share: float = 0.01  # of learning_rate, that is left at the end
    polynomial_power: float = 0.9  # DeepLab's
    warmup_steps: int = 50  # steps in which the learning rate rises from 0
    weight_decay: float = 1e-4  # larger keeps weights smaller; with 0 AdamW is Adam
    adam_beta1: float = 0.9  # Adam's memory of gradients; GANs have 0.5
    adam_beta2: float = 0.999  # Adam's memory of squared gradients
    ema_decay: float = 0.0  # of averaged weights, which are then validated and kept; 0 keeps each step's own
    early_stop_after: int | None = None  # evaluations without a better one that end the training; None: never
    precision: Precision = (
        "auto"  # of the arithmetic: fp32, or bf16, which is faster where the hardware knows it
    )
    is_channels_last: bool = True  # memory order of images in which most convolutions are faster
    device: DeviceName = "auto"  # auto: CUDA where there is one
    processes: int = 1  # that train together, each on a GPU of its own, started by torchrun
    report_every_steps: int = 20  # steps between two lines of losses
    eval_every_steps: int = 200  # steps between two evaluations; the best weights are kept
    checkpoint_every_steps: int = 1000  # steps between two states that a killed training goes on from

    def __post_init__(self) -> None:
        at_least_one = ("steps", "batch_size", "processes")
        at_least_one += ("report_every_steps", "eval_every_steps", "checkpoint_every_steps")
        for name in at_least_one:
            require(getattr(self, name) >= 1, f"{name} must be >= 1, but was {getattr(self, name)}.")
        for name in ("weight_decay", "warmup_steps"):
            require(getattr(self, name) >= 0, f"{name} must be >= 0, but was {getattr(self, name)}.")
        for name in ("learning_rate", "polynomial_power"):
            require(getattr(self, name) > 0, f"{name} must be > 0, but was {getattr(self, name)}.")
        require(
            self.schedule in get_args(Schedule),
            f"schedule must be one of {', '.join(get_args(Schedule))}, but was {self.schedule!r}.",
        )
        require(
            0 <= self.final_share <= 1,
            f"final_share must be in 0..1, but was {self.final_share}; 0 ends at rest.",
        )
        for name in ("adam_beta1", "adam_beta2"):
            value = getattr(self, name)
            require(0 <= value < 1, f"{name} must be in 0..1 (1 excluded), but was {value}.")
        require(
            0 <= self.ema_decay < 1,
            f"ema_decay must be in 0..1 (1 excluded), but was {self.ema_decay}; 0 averages nothing.",
        )
        require(
            self.early_stop_after is None or self.early_stop_after >= 1,
            f"early_stop_after must be >= 1, but was {self.early_stop_after}; null never stops early.",
        )

    def settled(self) -> Self:
        """The same with the precision that `auto` is on this machine."""
        return replace(self, precision=settle(self.precision, self.device))

    @property
    def arithmetic(self) -> Arithmetic:
        """In which the network runs."""
        return settle(self.precision, self.device)
