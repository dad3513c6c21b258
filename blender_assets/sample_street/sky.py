"""The sky in Blender: a gradient from the horizon to the zenith with clouds of noise."""

from typing import Any

# pyright: reportAttributeAccessIssue=false
# (bpy carries no types)
from blender_assets.blender import bpy
from blender_assets.sample_street.lighting import Sky

_HORIZON, _CLOUDS, _COVER = "horizon", "clouds", "cover"


def make_sky(scene: Any, *, offset: float) -> Any:
    """A world whose nodes paint_sky sets; `offset` moves the clouds."""
    world = bpy.data.worlds.new("sky")
    scene.world, world.use_nodes = world, True
    nodes, links = world.node_tree.nodes, world.node_tree.links
    direction = nodes.new("ShaderNodeTexCoord").outputs["Generated"]
    height = _height(nodes, links, direction)
    gradient = _mix(nodes, links, height, name=_HORIZON)
    cover = _cloud_cover(nodes, links, direction, offset)
    clouded = _mix(nodes, links, cover, name=_CLOUDS)
    links.new(gradient.outputs[2], clouded.inputs[6])
    links.new(clouded.outputs[2], nodes["Background"].inputs["Color"])
    world.cycles.sampling_method, world.cycles.sample_map_resolution = "MANUAL", 64
    return world


def paint_sky(world: Any, sky: Sky) -> None:
    nodes = world.node_tree.nodes
    nodes[_HORIZON].inputs[6].default_value = (*sky.horizon, 1)
    nodes[_HORIZON].inputs[7].default_value = (*sky.zenith, 1)
    nodes[_CLOUDS].inputs[7].default_value = (*sky.clouds, 1)
    # Noise lies within .3 and .7: an overcast sky takes all of it, a clear one its peaks.
    nodes[_COVER].inputs["From Min"].default_value = 0.62 - 0.42 * sky.cloudiness
    nodes[_COVER].inputs["From Max"].default_value = 0.8 - 0.35 * sky.cloudiness


def _height(nodes: Any, links: Any, direction: Any) -> Any:
    """0 at the horizon and below .. 1 at the zenith, rising fast at first."""
    split = nodes.new("ShaderNodeSeparateXYZ")
    links.new(direction, split.inputs[0])
    power = nodes.new("ShaderNodeMath")
    power.operation, power.use_clamp = "POWER", True
    power.inputs[1].default_value = 0.55
    above = nodes.new("ShaderNodeMath")
    above.operation = "MAXIMUM"
    links.new(split.outputs["Z"], above.inputs[0])
    links.new(above.outputs[0], power.inputs[0])
    return power.outputs[0]


def _cloud_cover(nodes: Any, links: Any, direction: Any, offset: float) -> Any:
    """0 blue .. 1 cloud; flatter towards the horizon, as clouds are."""
    mapping = nodes.new("ShaderNodeMapping")
    mapping.inputs["Scale"].default_value = (2.2, 2.2, 6.5)
    mapping.inputs["Location"].default_value = (offset, -offset, 0.0)
    links.new(direction, mapping.inputs["Vector"])
    noise = nodes.new("ShaderNodeTexNoise")
    noise.inputs["Scale"].default_value, noise.inputs["Detail"].default_value = 1.0, 5.0
    links.new(mapping.outputs["Vector"], noise.inputs["Vector"])
    cover = nodes.new("ShaderNodeMapRange")
    cover.name = _COVER
    links.new(noise.outputs["Fac"], cover.inputs["Value"])
    return cover.outputs["Result"]


def _mix(nodes: Any, links: Any, factor: Any, *, name: str) -> Any:
    mix = nodes.new("ShaderNodeMix")
    mix.name, mix.data_type = name, "RGBA"
    links.new(factor, mix.inputs["Factor"])
    return mix
