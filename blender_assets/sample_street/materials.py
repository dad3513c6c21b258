"""Blender materials of the street: colours from the attribute `col`, textures from `rest`, light from `glow`."""

from typing import Any

# pyright: reportAttributeAccessIssue=false
# (bpy carries no types)
from blender_assets.people.materials import (
    attribute_output,
    bump_by_noise,
    new_principled,
    noise_on_rest,
    tint_by_noise,
)
from blender_assets.sample_street.solids import SURFACES, Surface

# roughness, noise scale in 1/m, share of the colour that the noise takes, metallic
_LOOKS: dict[Surface, tuple[float, tuple[float, float, float], float, float]] = {
    "asphalt": (0.9, (1.6, 0.5, 1.0), 0.3, 0.0),
    "marking": (0.8, (3, 3, 3), 0.4, 0.0),
    "paving": (0.9, (2.2, 2.2, 2.2), 0.3, 0.0),
    "plaster": (0.9, (0.7, 0.7, 0.35), 0.2, 0.0),
    "roof": (0.85, (0.5, 6, 6), 0.4, 0.0),
    "glass": (0.06, (0.6, 0.6, 0.6), 0.3, 0.0),
    "metal": (0.45, (4, 4, 4), 0.1, 0.5),
    "paint": (0.28, (2, 2, 2), 0.05, 0.0),
    "rubber": (0.8, (8, 8, 8), 0.2, 0.0),
    "cloth": (0.9, (5, 5, 5), 0.15, 0.0),
    "leaf": (0.6, (3, 3, 3), 0.3, 0.0),
    "bark": (0.95, (12, 12, 2), 0.4, 0.0),
    "grass": (0.95, (1.4, 1.4, 1.4), 0.5, 0.0),
    "lamp": (0.5, (1, 1, 1), 0.0, 0.0),
    "headlight": (0.2, (1, 1, 1), 0.0, 0.0),
    "signal": (0.3, (1, 1, 1), 0.0, 0.0),
}
_WET: tuple[Surface, ...] = ("asphalt", "marking", "paving")
STRENGTH = "strength"  # name of the node that says how brightly a material's faces glow


def make_street_materials(*, is_wet: bool) -> list[Any]:
    """One material for each of SURFACES, in that order."""
    return [_make_surface(name, is_wet=is_wet) for name in SURFACES]


def _make_surface(name: Surface, *, is_wet: bool) -> Any:
    material, shader = new_principled(f"street_{name}")
    roughness, scale, strength, metallic = _LOOKS[name]
    shader.inputs["Roughness"].default_value = roughness
    shader.inputs["Metallic"].default_value = metallic
    shader.inputs["Specular IOR Level"].default_value = 0.2 if roughness > 0.7 else 0.5
    noise = noise_on_rest(material, scale, detail=2.0)
    tint_by_noise(material, shader, noise, strength=strength)
    if name in ("lamp", "headlight", "signal", "glass"):
        _glow(material, shader)
    if name == "glass":
        _furnish(material, shader)
    if is_wet and name in _WET:
        _wet(material, shader, noise)
    if name == "grass":
        bump_by_noise(material, shader, noise_on_rest(material, (9, 9, 9), detail=2.0), height_m=0.06)
    return material


def _glow(material: Any, shader: Any) -> None:
    """Looked at, but not sampled as lamps: thousands of faint faces would draw the light samples away."""
    value = material.node_tree.nodes.new("ShaderNodeValue")
    value.name, value.outputs[0].default_value = STRENGTH, 0.0
    links = material.node_tree.links
    links.new(attribute_output(material, "glow", "Vector"), shader.inputs["Emission Color"])
    links.new(value.outputs[0], shader.inputs["Emission Strength"])
    material.cycles.emission_sampling = "NONE"


def _furnish(material: Any, shader: Any) -> None:
    """Lit rooms are not even: curtains, shelves and lamps behind the glass."""
    nodes, links = material.node_tree.nodes, material.node_tree.links
    noise = noise_on_rest(material, (1.7, 1.7, 2.3), detail=3.0)
    spread = nodes.new("ShaderNodeMapRange")
    spread.inputs["From Min"].default_value, spread.inputs["From Max"].default_value = 0.4, 0.64
    spread.inputs["To Min"].default_value, spread.inputs["To Max"].default_value = 0.12, 1.5
    links.new(noise, spread.inputs["Value"])
    product = nodes.new("ShaderNodeMath")
    product.operation = "MULTIPLY"
    links.new(nodes[STRENGTH].outputs[0], product.inputs[0])
    links.new(spread.outputs["Result"], product.inputs[1])
    links.new(product.outputs[0], shader.inputs["Emission Strength"])


def _wet(material: Any, shader: Any, noise: Any) -> None:
    """A film of water: darker, mirroring in puddles and duller between them (Lekner and Dorf, 1988)."""
    nodes, links = material.node_tree.nodes, material.node_tree.links
    spread = nodes.new("ShaderNodeMapRange")
    spread.inputs["From Min"].default_value, spread.inputs["From Max"].default_value = 0.36, 0.6
    spread.inputs["To Min"].default_value, spread.inputs["To Max"].default_value = 0.1, 0.5
    links.new(noise, spread.inputs["Value"])
    links.new(spread.outputs["Result"], shader.inputs["Roughness"])
    shader.inputs["Specular IOR Level"].default_value = 0.5
    dry = shader.inputs["Base Color"].links[0].from_socket
    darker = nodes.new("ShaderNodeMix")
    darker.data_type, darker.blend_type = "RGBA", "MULTIPLY"
    darker.inputs["Factor"].default_value = 1.0
    darker.inputs[7].default_value = (0.55, 0.55, 0.57, 1)
    links.new(dry, darker.inputs[6])
    links.new(darker.outputs[2], shader.inputs["Base Color"])
