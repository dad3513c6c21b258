"""Parametric dressed people in numpy; only the module `materials` imports bpy."""

from blender_assets.people.body import BodyBasis, load_body_basis
from blender_assets.people.parts import Part
from blender_assets.people.person import generate_person
from blender_assets.people.phenotypes import PeopleSettings
from blender_assets.people.pieces import PersonMesh

__all__ = ["BodyBasis", "Part", "PeopleSettings", "PersonMesh", "generate_person", "load_body_basis"]
