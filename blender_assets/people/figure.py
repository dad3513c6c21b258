"""A posed body that clothes are cut from, with the normals of its surfaces computed once."""

from functools import cached_property

import numpy as np

from blender_assets.people.body import BodyBasis
from blender_assets.people.mesh import Patch, surface


class Figure:
    """The body basis, its posed vertices [V, 3] in metres, and the surfaces between them."""

    def __init__(self, basis: BodyBasis, vertices: np.ndarray) -> None:
        self.basis = basis
        self.vertices = vertices

    def patch(self, group: str) -> Patch:
        """The whole surface of "body" (skin) or "tights" (what close clothes follow), or of another group."""
        if group == "body":
            return self.body
        return self.tights if group == "tights" else self._surface(group)

    @cached_property
    def body(self) -> Patch:
        return self._surface("body")

    @cached_property
    def tights(self) -> Patch:
        return self._surface("tights")

    @cached_property
    def trunk(self) -> np.ndarray:
        """Indices of the vertices of the tights."""
        return np.unique(self.basis.faces["tights"])

    def _surface(self, group: str) -> Patch:
        return surface(self.vertices, self.basis.template_m, self.basis.faces[group])
