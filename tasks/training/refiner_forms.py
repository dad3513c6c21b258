"""How the families of refiners are read from plain values: by `family`, which is cyclegan where it is not given."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, GetJsonSchemaHandler, Tag
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from models.translation.config import family_of, require_own_fields
from models.translation.families.aggan_config import AgganConfig
from models.translation.families.cyclegan_config import CycleganConfig
from models.translation.families.one_way_config import OneWayConfig
from models.translation.families.unit_config import UnitConfig

FAMILY = "a refiner of the family"  # begins the name of a family's form in pydantic's places of mistakes


class _AnyOf:
    """In a form a refiner without `family` fits all families: JSON Schema's oneOf would refuse it."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler(core_schema)
        return {"anyOf" if name == "oneOf" else name: value for name, value in schema.items()}


def _checked(values: Any) -> Any:
    if isinstance(values, dict):
        require_own_fields(values)
    return values


def _tag(values: Any) -> str:
    is_known = isinstance(values, dict | CycleganConfig | AgganConfig | OneWayConfig | UnitConfig)
    return f"{FAMILY} {family_of(values)}" if is_known else f"{FAMILY} cyclegan"


RefinerToTrain = Annotated[
    Annotated[CycleganConfig, Tag(f"{FAMILY} cyclegan")]
    | Annotated[AgganConfig, Tag(f"{FAMILY} aggan")]
    | Annotated[OneWayConfig, Tag(f"{FAMILY} one_way")]
    | Annotated[UnitConfig, Tag(f"{FAMILY} unit")],
    Discriminator(_tag),
    BeforeValidator(_checked),
    _AnyOf(),
]
