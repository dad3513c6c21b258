"""Frozen configs as plain values and back, so that a checkpoint carries its configuration without pickled
classes.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Any, ClassVar, Literal, NewType, TypeGuard, TypeVar, get_args, get_type_hints

# Here and not beside the code that reads them: a configuration is read where importing torch would cost seconds.
DeviceName = Literal["cpu", "cuda", "auto"]
Arithmetic = Literal["fp32", "bf16"]
Precision = Literal["auto", "fp32", "bf16"]  # auto: what models/arithmetic/precision.py says of the machine

Config = TypeVar("Config")


@dataclass(frozen=True, kw_only=True)
class WeightsFile:
    """A local state_dict: torchvision's of the network in question, or of its `features`, or one of ours."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    path: str  # absolute, or relative to the configuration's file


# run:NAME or run:NAME/ARM: a network of an earlier run. It is a WeightsFile before anything here sees it.
WeightsOfRun = NewType("WeightsOfRun", str)
OF_RUN = "run:"


def is_of_run(weights: object) -> TypeGuard[WeightsOfRun]:
    """Whether weights, as a configuration names them, are those of an earlier run."""
    return isinstance(weights, str) and weights.startswith(OF_RUN) and weights != OF_RUN


def require(is_allowed: bool, message: str) -> None:
    """Raise ValueError(message) unless `is_allowed`: one line a rule in a config's __post_init__."""
    if not is_allowed:
        raise ValueError(message)


def to_plain(config: Any) -> dict[str, Any]:
    """Nested dicts, lists and scalars only: what `torch.load(weights_only=True)` and JSON both accept."""
    return {name: _plain(value) for name, value in asdict(config).items()}


def from_plain(config_class: type[Config], values: Mapping[str, Any]) -> Config:
    """The inverse of `to_plain`; ValueError on a field that the class does not have."""
    known = {field.name for field in fields(config_class)}  # type: ignore[arg-type]
    unknown = sorted(set(values) - known)
    require(
        not unknown,
        f"{config_class.__name__} has no field {', '.join(unknown)}; "
        f"its fields are {', '.join(sorted(known))}.",
    )
    hints = get_type_hints(config_class)
    return config_class(**{name: _rebuild(hints[name], value) for name, value in values.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def _rebuild(hint: Any, value: Any) -> Any:
    if isinstance(value, Mapping):
        nested = next(kind for kind in (hint, *get_args(hint)) if is_dataclass(kind))
        return from_plain(nested, value)  # type: ignore[arg-type]
    return tuple(value) if isinstance(value, list) else value
