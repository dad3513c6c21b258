"""Blender materials of the office; colours come from the face attribute `col`, textures from office coordinates `rest`."""

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
from blender_assets.sample_site.solids import MATERIALS, Material

SCREEN_STRENGTH = 1.6
# roughness, noise scale in 1/m, share of the colour that the noise takes
LOOKS: dict[Material, tuple[float, tuple[float, float, float], float]] = {
    "matte": (0.75, (6, 6, 6), 0.06),
    "wood": (0.4, (4, 45, 45), 0.3),
    "carpet": (0.95, (160, 160, 160), 0.5),
    "parquet": (0.35, (4, 70, 4), 0.5),
    "metal": (0.35, (40, 40, 40), 0.05),
    "fabric": (0.9, (120, 120, 120), 0.3),
    "gloss": (0.25, (8, 8, 8), 0.04),
    "leaf": (0.5, (20, 20, 20), 0.4),
}


def make_office_materials() -> list[Any]:
    """One material for each of MATERIALS, in that order."""
    return [make_emitter(name) if name in ("screen", "sky") else make_surface(name) for name in MATERIALS]


def make_surface(name: Material) -> Any:
    material, shader = new_principled(f"office_{name}")
    roughness, scale, strength = LOOKS[name]
    shader.inputs["Roughness"].default_value = roughness
    shader.inputs["Specular IOR Level"].default_value = 0.15 if roughness > 0.7 else 0.5
    shader.inputs["Metallic"].default_value = 0.8 if name == "metal" else 0.0
    noise = noise_on_rest(material, scale, detail=2.0)
    tint_by_noise(material, shader, noise, strength=strength)
    if name in ("carpet", "parquet"):
        lay_tiles(material, shader, noise, name)
    if name in ("carpet", "fabric"):
        bump_by_noise(material, shader, noise, height_m=0.004)
    return material


def lay_tiles(material: Any, shader: Any, noise: Any, name: Material) -> None:
    """Carpet tiles or boards that differ a little in tone, with thin joints."""
    nodes, links = material.node_tree.nodes, material.node_tree.links
    bricks = nodes.new("ShaderNodeTexBrick")
    links.new(attribute_output(material, "rest", "Vector"), bricks.inputs["Vector"])
    width, height, joint = (0.5, 0.5, 0.002) if name == "carpet" else (1.1, 0.12, 0.003)
    low = 0.8 if name == "carpet" else 0.65
    values = {"Scale": 1.0, "Brick Width": width, "Row Height": height, "Mortar Size": joint, "Bias": 0.0}
    for socket, value in values.items():
        bricks.inputs[socket].default_value = value
    bricks.inputs["Color1"].default_value = (low, low, low, 1)
    bricks.inputs["Color2"].default_value = (1.1, 1.08, 1.05, 1)
    bricks.inputs["Mortar"].default_value = (0.45, 0.42, 0.4, 1)
    bricks.offset = 0.0 if name == "carpet" else 0.4
    tinted = shader.inputs["Base Color"].links[0].from_socket
    mix = nodes.new("ShaderNodeMix")
    mix.data_type, mix.blend_type = "RGBA", "MULTIPLY"
    mix.inputs["Factor"].default_value = 1.0
    links.new(tinted, mix.inputs[6])
    links.new(bricks.outputs["Color"], mix.inputs[7])
    links.new(mix.outputs[2], shader.inputs["Base Color"])


def make_emitter(name: Material) -> Any:
    """Screens, and the bright outside behind the windows (whose strength the time of day sets)."""
    material, shader = new_principled(f"office_{name}")
    links = material.node_tree.links
    color = attribute_output(material, "col", "Vector")
    shader.inputs["Base Color"].default_value = (0.01, 0.01, 0.01, 1)
    shader.inputs["Roughness"].default_value = 0.2
    links.new(color, shader.inputs["Emission Color"])
    shader.inputs["Emission Strength"].default_value = SCREEN_STRENGTH
    # Looked at, but not sampled as lamps: hundreds of faint triangles would draw the light samples away.
    material.cycles.emission_sampling = "NONE"
    return material
