"""Content-addressed artifacts: what a step made, from what, by which code, found again instead of made again."""

from tasks.artifacts.recipe import Recipe, Ref, SourceFiles
from tasks.artifacts.store import Obtained, Store

__all__ = ["Obtained", "Recipe", "Ref", "SourceFiles", "Store"]
