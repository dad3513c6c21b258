"""The families of translators by the name that a configuration gives them."""

from models.translation.families.aggan import AGGAN
from models.translation.families.cyclegan import CYCLEGAN
from models.translation.families.family import Family
from models.translation.families.one_way import ONE_WAY
from models.translation.families.unit import UNIT

FAMILIES: dict[str, Family] = {"cyclegan": CYCLEGAN, "aggan": AGGAN, "one_way": ONE_WAY, "unit": UNIT}
