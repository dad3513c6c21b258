"""The four Blender materials that all people share; per-person colours come from mesh attributes."""

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from blender_assets.people.person import PersonMesh

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
    """Noise that sticks to the body's template space."""
    nodes, links = material.node_tree.nodes, material.node_tree.links
    mapping = nodes.new("ShaderNodeMapping")
    mapping.inputs["Scale"].default_value = scale_xyz
    links.new(attribute_output(material, "rest", "Vector"), mapping.inputs["Vector"])
    noise = nodes.new("ShaderNodeTexNoise")
    noise.inputs["Scale"].default_value = 1.0
    noise.inputs["Detail"].default_value = detail
    links.new(mapping.outputs["Vector"], noise.inputs["Vector"])
    return noise.outputs["Fac"]


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


def make_people_materials() -> list[Any]:
    """[skin, cloth, hair, eye], in the order of PersonMesh.material_index."""
    skin, skin_shader = new_principled("people_skin")
    skin_shader.inputs["Roughness"].default_value = 0.5
    skin_shader.inputs["Specular IOR Level"].default_value = 0.35
    tint_by_noise(skin, skin_shader, noise_on_rest(skin, (18, 18, 18), detail=2), strength=0.15)

    cloth, cloth_shader = new_principled("people_cloth")
    cloth_shader.inputs["Roughness"].default_value = 0.85
    cloth_shader.inputs["Specular IOR Level"].default_value = 0.15
    tint_by_noise(cloth, cloth_shader, noise_on_rest(cloth, (140, 140, 140), detail=1), strength=0.1)
    bump_by_noise(cloth, cloth_shader, noise_on_rest(cloth, (11, 11, 14), detail=2), height_m=0.025)

    hair, hair_shader = new_principled("people_hair")
    hair_shader.inputs["Roughness"].default_value = 0.5
    strands = noise_on_rest(hair, (130, 60, 30), detail=3)
    tint_by_noise(hair, hair_shader, strands, strength=0.5)
    bump_by_noise(hair, hair_shader, strands, height_m=0.01)

    eye, eye_shader = new_principled("people_eye")
    eye_shader.inputs["Roughness"].default_value = 0.1
    links = eye.node_tree.links
    links.new(attribute_output(eye, "col", "Vector"), eye_shader.inputs["Base Color"])
    return [skin, cloth, hair, eye]


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
    for attribute, domain, values in (
        ("col", "FACE", person.face_colors),
        ("rest", "POINT", person.rest_positions),
    ):
        layer = mesh.attributes.new(attribute, "FLOAT_VECTOR", domain)
        layer.data.foreach_set("vector", np.ascontiguousarray(values, dtype=np.float32).ravel())
    for material in materials:
        mesh.materials.append(material)
    mesh.shade_smooth()
    holder = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(holder)
    return holder
