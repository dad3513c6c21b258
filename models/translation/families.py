"""The families of translators by the name that a configuration gives them."""

from models.translation.aggan import AGGAN
from models.translation.config import FamilyName
from models.translation.cyclegan import CYCLEGAN
from models.translation.family import Family
from models.translation.one_way import ONE_WAY

FAMILIES: dict[FamilyName, Family] = {"cyclegan": CYCLEGAN, "aggan": AGGAN, "one_way": ONE_WAY}
