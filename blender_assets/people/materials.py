"""The four Blender materials that all people share; per-person colours come from mesh attributes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

# pyright: reportAttributeAccessIssue=false
# (bpy carries no types)
from blender_assets.blender import bpy
from blender_assets.people.pieces import PersonMesh
from blender_assets.people.shading import Signal, attribute, mix_colors, split

FOLD_HEIGHT_M = 0.05
# Share of the light that valleys lose against ridges, and the mean height between them (0 to 1, measured).
VALLEY_DEPTH, MOST_VALLEY_DEPTH, MEAN_FOLD = 1.0, 1.2, 0.55
SOCKET_A, SOCKET_B, SOCKET_RESULT = 6, 7, 2  # of a Mix node in colour mode


def new_principled(name: str) -> tuple[Any, Any]:
    """A material that uses nodes, and its Principled BSDF."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    return material, material.node_tree.nodes["Principled BSDF"]


def attribute_output(material: Any, name: str, output: str) -> Any:
    node = material.node_tree.nodes.new("ShaderNodeAttribute")
    node.attribute_name = name
    return node.outputs[output]


def noise_on_rest(material: Any, scale_xyz: tuple[float, float, float], *, detail: float) -> Any:
    """Noise that sticks to the template space of the attribute `rest`."""
    return noise_on(material, "rest", scale_xyz, detail=detail)


def tint_by_noise(material: Any, shader: Any, noise: Any, *, strength: float) -> None:
    """Base colour = the `col` attribute, darkened by noise (range 1-strength .. 1)."""
    nodes, links = material.node_tree.nodes, material.node_tree.links
    spread = nodes.new("ShaderNodeMapRange")
    spread.inputs["From Min"].default_value, spread.inputs["From Max"].default_value = 0.3, 0.7
    spread.inputs["To Min"].default_value, spread.inputs["To Max"].default_value = (
        1.0 - strength,
        1.0 + 0.3 * strength,
    )
    links.new(noise, spread.inputs["Value"])
    mix = nodes.new("ShaderNodeMix")
    mix.data_type, mix.blend_type = "RGBA", "MULTIPLY"
    mix.inputs["Factor"].default_value = 1.0
    links.new(attribute_output(material, "col", "Vector"), mix.inputs[SOCKET_A])
    links.new(spread.outputs["Result"], mix.inputs[SOCKET_B])
    links.new(mix.outputs[SOCKET_RESULT], shader.inputs["Base Color"])


def bump_by_noise(material: Any, shader: Any, noise: Any, *, height_m: float) -> None:
    nodes, links = material.node_tree.nodes, material.node_tree.links
    bump = nodes.new("ShaderNodeBump")
    bump.inputs["Strength"].default_value = 1.0
    bump.inputs["Distance"].default_value = height_m
    links.new(noise, bump.inputs["Height"])
    links.new(bump.outputs["Normal"], shader.inputs["Normal"])


def noise_on(
    material: Any, attribute_name: str, scale_xyz: tuple[float, float, float], *, detail: float
) -> Any:
    """Noise that sticks to a vector attribute (metres), with so many features a metre along its axes."""
    nodes, links = material.node_tree.nodes, material.node_tree.links
    mapping = nodes.new("ShaderNodeMapping")
    mapping.inputs["Scale"].default_value = scale_xyz
    links.new(attribute_output(material, attribute_name, "Vector"), mapping.inputs["Vector"])
    noise = nodes.new("ShaderNodeTexNoise")
    noise.inputs["Scale"].default_value = 1.0
    noise.inputs["Detail"].default_value = detail
    links.new(mapping.outputs["Vector"], noise.inputs["Vector"])
    return noise.outputs["Fac"]


def darken_by(material: Any, color: Any, noise: Any, *, strength: float) -> Any:
    """Colour socket times 1-strength .. 1+strength/3, by noise."""
    factor = Signal(material, noise).apply("MULTIPLY_ADD", 3.3 * strength, 1.0 - 2.0 * strength)
    return grey_times(material, color, factor)


def grey_times(material: Any, color: Any, factor: Signal) -> Any:
    """Colour socket times a number."""
    node = material.node_tree.nodes.new("ShaderNodeCombineXYZ")
    for socket in node.inputs:
        material.node_tree.links.new(factor.socket, socket)
    return mix_colors(material, 1.0, color, node.outputs[0], mode="MULTIPLY")


def tinted_color(material: Any) -> Any:
    """Colour socket of `col` times `tint`."""
    return mix_colors(material, 1.0, attribute(material, "col"), attribute(material, "tint"), mode="MULTIPLY")


def pattern_share(material: Any) -> Signal:
    """0..1 of the second colour: stripes, pinstripes and checks in woven metres, prints on the chest."""
    kind, period, variant = split(material, attribute(material, "finish"))
    around, along, _ = split(material, attribute(material, "weave"))
    level = (along / period).fraction() < 0.5
    column = (around / period).fraction() < 0.5
    thin = (around / period).fraction() < 0.14
    x, y, z = split(material, attribute(material, "rest"))
    right, up = x * 2.0 / period, (z - 0.4) * 2.0 / period
    radius = (right * right + up * up).apply("SQRT")
    ring = (radius < 1.0) * ((radius - 0.62).magnitude() > 0.12)
    lines = (right.magnitude() < 1.0) * (up.magnitude() < 0.5) * ((up * 3.0).fraction() > 0.35)
    is_ring = variant < 0.5
    logo = (ring * is_ring + lines * (variant > 0.5)) * (y < 0.0)
    shares = (level, thin * 0.7, level * 0.5 + column * 0.5, logo)
    total = kind.equals(1.0) * shares[0]
    for number, share in enumerate(shares[1:], start=2):
        total = total + kind.equals(float(number)) * share
    return total


def make_skin() -> Any:
    """Mottled, with oil (0 rough .. 1 shiny) and bump (0 .. 1) from the attribute `finish`."""
    skin, shader = new_principled("people_skin")
    links = skin.node_tree.links
    oil, bump, _ = split(skin, attribute(skin, "finish"))
    links.new((oil * -0.14 + 0.6).socket, shader.inputs["Roughness"])
    shader.inputs["Specular IOR Level"].default_value = 0.3
    mottling = noise_on(skin, "rest", (40, 40, 40), detail=3)
    links.new(darken_by(skin, tinted_color(skin), mottling, strength=0.2), shader.inputs["Base Color"])
    pores = noise_on(skin, "rest", (320, 320, 320), detail=1)
    bump_by_noise(skin, shader, (Signal(skin, pores) * bump).socket, height_m=0.0008)
    return skin


def make_cloth(*, fold_height_m: float) -> Any:
    """Woven: the pattern in two colours, fine threads, and folds whose valleys get less light."""
    cloth, shader = new_principled("people_cloth")
    links = cloth.node_tree.links
    shader.inputs["Roughness"].default_value = 0.85
    shader.inputs["Specular IOR Level"].default_value = 0.2
    shader.inputs["Sheen Weight"].default_value = 0.15
    color = mix_colors(cloth, pattern_share(cloth), attribute(cloth, "col"), attribute(cloth, "second"))
    threads = noise_on(cloth, "weave", (380, 380, 1), detail=1)
    slubs = noise_on(cloth, "weave", (60, 90, 1), detail=1)
    color = darken_by(cloth, darken_by(cloth, color, threads, strength=0.1), slubs, strength=0.2)
    folds = fold_height(cloth)
    # A bump turns normals but shades no valley: what folds hide from the light is taken from the colour.
    depth = min(VALLEY_DEPTH * fold_height_m / FOLD_HEIGHT_M, MOST_VALLEY_DEPTH)
    lit = folds * depth + (1.0 - depth * MEAN_FOLD)
    links.new(grey_times(cloth, color, lit), shader.inputs["Base Color"])
    bump_by_noise(cloth, shader, folds.socket, height_m=fold_height_m)
    return cloth


def fold_height(cloth: Any) -> Signal:
    """0..1: rounded valleys between sharp folds, which run around limbs more than along them, and creases in places."""
    folds = crests(cloth, noise_on(cloth, "weave", (3.0, 7.0, 1), detail=1)) * 0.4
    folds = folds + crests(cloth, noise_on(cloth, "weave", (7.0, 17.0, 1), detail=1)) * 0.3
    creases = crests(cloth, noise_on(cloth, "weave", (20.0, 42.0, 1), detail=1))
    places = (Signal(cloth, noise_on(cloth, "weave", (4.0, 4.0, 1), detail=0)) - 0.35) * 3.0
    return folds + creases * clamped(places) * 0.42


def clamped(signal: Signal) -> Signal:
    """To 0..1."""
    return signal.apply("MAXIMUM", 0.0).apply("MINIMUM", 1.0)


def crests(material: Any, noise: Any) -> Signal:
    """1 where noise crosses its middle, falling to 0 on both sides (ridged noise)."""
    return (Signal(material, noise) - 0.5).magnitude() * -5.0 + 1.0


def make_hair() -> Any:
    """Strands along the second weave coordinate, in locks that shine on their backs and are dark between."""
    hair, shader = new_principled("people_hair")
    links = hair.node_tree.links
    shader.inputs["Roughness"].default_value = 0.42
    shader.inputs["Specular IOR Level"].default_value = 0.35
    strands = noise_on(hair, "weave", (420, 14, 1), detail=2)
    locks = noise_on(hair, "weave", (60, 9, 1), detail=2)
    both = Signal(hair, strands) * 0.4 + Signal(hair, locks) * 0.6
    links.new(darken_by(hair, tinted_color(hair), both.socket, strength=0.75), shader.inputs["Base Color"])
    bump_by_noise(hair, shader, both.socket, height_m=0.008)
    return hair


def make_gloss() -> Any:
    gloss, shader = new_principled("people_gloss")
    shader.inputs["Roughness"].default_value = 0.1
    gloss.node_tree.links.new(attribute(gloss, "col"), shader.inputs["Base Color"])
    return gloss


def make_people_materials(*, fold_height_m: float = FOLD_HEIGHT_M) -> list[Any]:
    """[skin, cloth, hair, gloss], in the order of PersonMesh.material_index."""
    return [make_skin(), make_cloth(fold_height_m=fold_height_m), make_hair(), make_gloss()]


def add_person_object(
    name: str, person: PersonMesh, *, vertices: np.ndarray, materials: Sequence[Any]
) -> Any:
    """A Blender object in the scene from a person's mesh placed at vertices [v, 3] world metres."""
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(vertices))
    mesh.vertices.foreach_set("co", np.ascontiguousarray(vertices, dtype=np.float32).ravel())
    mesh.loops.add(person.quads.size)
    mesh.loops.foreach_set("vertex_index", person.quads.ravel())
    mesh.polygons.add(len(person.quads))
    mesh.polygons.foreach_set("loop_start", np.arange(0, person.quads.size, 4, dtype=np.int32))
    mesh.polygons.foreach_set("material_index", person.material_index)
    mesh.update(calc_edges=True)
    for title, domain, values in (
        ("col", "FACE", person.face_colors),
        ("second", "FACE", person.face_second_colors),
        ("finish", "FACE", person.face_finishes),
        ("tint", "POINT", person.vertex_tints),
        ("rest", "POINT", person.rest_positions),
        ("weave", "POINT", person.weave),
    ):
        layer = mesh.attributes.new(title, "FLOAT_VECTOR", domain)
        layer.data.foreach_set("vector", np.ascontiguousarray(values, dtype=np.float32).ravel())
    for material in materials:
        mesh.materials.append(material)
    mesh.shade_smooth()
    holder = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(holder)
    return holder
