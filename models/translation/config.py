"""The configurations of all families as one tagged union; the tag is `family`, and cyclegan where there is none.

The fourteen refiners of the thesis (Table 3.2) are values of them, in flows/configs/people/refiners/.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_type_hints

from models.configs import from_plain, require
from models.translation.families.aggan_config import AgganConfig
from models.translation.families.cyclegan_config import CycleganConfig
from models.translation.families.one_way_config import OneWayConfig
from models.translation.families.unit_config import UnitConfig

RefinerConfig = CycleganConfig | AgganConfig | OneWayConfig | UnitConfig
FAMILY_CONFIGS: dict[str, type[RefinerConfig]] = {
    "cyclegan": CycleganConfig,
    "aggan": AgganConfig,
    "one_way": OneWayConfig,
    "unit": UnitConfig,
}
_LOSS_FIELDS = ("losses", "losses_b")


def read_config(values: Mapping[str, Any]) -> RefinerConfig:
    """The inverse of `to_plain`. ValueError in one line for a family or a field that there is not."""
    require_own_fields(values)
    return from_plain(FAMILY_CONFIGS[family_of(values)], values)


def family_of(values: Any) -> str:
    """The family that a configuration, or plain values of one, are of."""
    return values.get("family", "cyclegan") if isinstance(values, Mapping) else values.family


def require_own_fields(values: Mapping[str, Any]) -> None:
    """ValueError for an unknown family, and for a field or a loss that only other families have."""
    family = family_of(values)
    require(
        isinstance(family, str) and family in FAMILY_CONFIGS,
        f"family must be one of {', '.join(FAMILY_CONFIGS)}, but was {family!r}.",
    )
    _require_own(values, family, prefix="", fields_by_family=_names(FAMILY_CONFIGS))
    losses = {name: get_type_hints(config)["losses"] for name, config in FAMILY_CONFIGS.items()}
    for field in _LOSS_FIELDS:
        if isinstance(weights := values.get(field), Mapping):
            _require_own(weights, family, prefix=f"{field}.", fields_by_family=_names(losses))


def own_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values without what only other families have.

    Checkpoints of before families had configurations of their own hold the fields of all, at their defaults.
    """
    owner = FAMILY_CONFIGS[family_of(values)]
    own, own_losses = _field_names(owner), _field_names(get_type_hints(owner)["losses"])
    kept = {name: value for name, value in values.items() if name in own}
    return kept | {
        "losses": {name: weight for name, weight in values["losses"].items() if name in own_losses}
    }


def _field_names(owner: type) -> set[str]:
    return {field.name for field in fields(owner)}


def _names(classes: Mapping[str, type]) -> dict[str, set[str]]:
    return {family: _field_names(owner) for family, owner in classes.items()}


def _joined(names: list[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def _require_own(
    values: Mapping[str, Any], family: str, *, prefix: str, fields_by_family: Mapping[str, set[str]]
) -> None:
    for name in values:
        owners = [other for other, names in fields_by_family.items() if name in names]
        require(
            not owners or family in owners,
            f"{prefix}{name} is no setting of the family {family}: {_joined(owners)} "
            f"{'has' if len(owners) == 1 else 'have'} it; leave it out, or set family: {(owners or [''])[0]}.",
        )
