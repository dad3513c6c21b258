"""The Blender side of a scene: camera, floor, occluders, people, chairs and lamps, rendered to EXR files.

Shadows are rendered by themselves at half the resolution: Cycles' shadow catcher takes two thirds of the time of a
render that has everything in it (measured), and shadows are soft.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# pyright: reportAttributeAccessIssue=false
# (bpy carries no types)
from blender_assets.blender import bpy
from blender_assets.camera_rig import add_camera
from blender_assets.framing import PixelBox
from blender_assets.lens.camera import Camera
from blender_assets.light import SceneLight
from blender_assets.people.materials import add_person_object, make_people_materials
from blender_assets.placement import PlacedPerson
from blender_assets.settings import MAX_LIGHTS, RenderDevice, RenderSettings
from blender_assets.surroundings import OccluderBody

# Object indices up to here are people; from here on furniture that was added.
FIRST_FURNITURE_INDEX = 128
CATCHER_CELL_M = 0.4
SHADOW_SCALE = 0.5


@dataclass(frozen=True)
class CatcherDisc:
    """A round piece of floor around a person, where shadows are caught: full out to radius_m, then fading."""

    xy: tuple[float, float]
    radius_m: float


class Stage:
    """One Blender scene for one camera: fixed parts are made once, people come and go."""

    def __init__(
        self,
        camera: Camera,
        occluders: Sequence[OccluderBody],
        settings: RenderSettings,
        *,
        floor_color: tuple[float, float, float],
        threads: int,
        scale: float = 1.0,
    ) -> None:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        self.scene = bpy.context.scene
        assert self.scene is not None
        _set_up_cycles(self.scene, settings, threads)
        self.rig = add_camera(self.scene, camera)
        self.margin_m = settings.catcher_margin_m
        self.scale = scale
        self.person_materials = make_people_materials(fold_height_m=settings.people.fold_height_m)
        self.chair_material = _chair_material()
        self.floor_material = _plain_material("floor", floor_color)
        self.lamps = [self._add_lamp(k) for k in range(MAX_LIGHTS)]
        self.world_background = _add_world(self.scene)
        self.occluders = [self._add_occluder(occluder) for occluder in occluders]
        self.people: list[bpy.types.Object] = []
        self.chairs: list[bpy.types.Object] = []
        self.floor: bpy.types.Object | None = None

    def arrange(self, people: Sequence[PlacedPerson], light: SceneLight, *, cycles_seed: int) -> None:
        """Replaces the last scene's people and light by these."""
        self._clear()
        self.scene.cycles.seed = cycles_seed
        for k, person in enumerate(people):
            self.people.append(self._add_person(person, index=k + 1))
            if person.chair is not None and person.chair_vertices is not None:
                self._add_chair(person, index=FIRST_FURNITURE_INDEX + k)
        self._add_catcher(catcher_discs(people))
        self._set_light(light)
        bpy.context.view_layer.update()

    def render(self, folder: Path, *, people_box: PixelBox, shadow_box: PixelBox) -> None:
        """`people.exr`: Combined, Cryptomatte and Depth, cut by occluders; `shadows.exr`: only its alpha counts.

        Outside the boxes nothing is rendered. Both are smaller by `scale`, the second by SHADOW_SCALE more.
        """
        self._show(people=True)
        self._write(folder / "people.exr", people_box, scale=self.scale)
        self._show(people=False)
        self._write(folder / "shadows.exr", shadow_box, scale=self.scale * SHADOW_SCALE)

    def _show(self, *, people: bool) -> None:
        """Either people, before a floor that only reflects light, or the shadows that they cast."""
        assert self.floor is not None
        for obj in self.people + self.chairs:
            obj.visible_camera = people
        for obj in [self.floor, *self.occluders]:
            obj.is_shadow_catcher = not people
        self.floor.visible_camera = not people
        for obj in self.occluders:
            obj.is_holdout = people

    def _write(self, path: Path, box: PixelBox, *, scale: float) -> None:
        render = self.scene.render
        width_px, height_px = render.resolution_x, render.resolution_y
        box = self.rig.rendered_box(box)
        render.use_border = True
        render.border_min_x, render.border_max_x = box[0] / width_px, box[2] / width_px
        render.border_min_y, render.border_max_y = 1 - box[3] / height_px, 1 - box[1] / height_px
        render.resolution_percentage = round(100 * scale)
        render.filepath = str(path)
        bpy.ops.render.render(write_still=True)

    def object_numbers(self) -> dict[str, int]:
        """The number of every person and chair by its object's name."""
        return {obj.name: obj.pass_index for obj in self.people + self.chairs}

    def _clear(self) -> None:
        for obj in [*self.people, *self.chairs, *([self.floor] if self.floor else [])]:
            mesh = obj.data
            bpy.data.objects.remove(obj)
            bpy.data.meshes.remove(mesh)
        self.people, self.chairs, self.floor = [], [], None

    def _add(self, name: str, mesh: bpy.types.Mesh) -> bpy.types.Object:
        obj = bpy.data.objects.new(name, mesh)
        self.scene.collection.objects.link(obj)
        return obj

    def _add_person(self, person: PlacedPerson, *, index: int) -> bpy.types.Object:
        obj = add_person_object(
            f"person{index}", person.mesh, vertices=person.vertices, materials=self.person_materials
        )
        obj.pass_index = index
        return obj

    def _add_chair(self, person: PlacedPerson, *, index: int) -> None:
        assert person.chair is not None and person.chair_vertices is not None
        mesh = quad_mesh(f"chair{index}", person.chair_vertices, person.chair.quads)
        mesh.materials.append(self.chair_material)
        colors = np.column_stack([person.chair.face_colors, np.ones(len(person.chair.face_colors))])
        mesh.attributes.new("col", "FLOAT_COLOR", "FACE").data.foreach_set("color", colors.ravel())
        mesh.shade_smooth()
        mesh.set_sharp_from_angle(angle=0.6)
        obj = self._add(mesh.name, mesh)
        obj.pass_index = index
        self.chairs.append(obj)

    def _add_catcher(self, discs: Sequence[CatcherDisc]) -> None:
        vertices, quads = _disc_cells(discs, self.margin_m)
        mesh = quad_mesh("floor", vertices, quads)
        mesh.materials.append(self.floor_material)
        self.floor = self._add("floor", mesh)

    def _add_occluder(self, body: OccluderBody) -> bpy.types.Object:
        mesh = bpy.data.meshes.new(body.name)
        n = len(body.top_xy)
        levels = [np.column_stack([body.top_xy, np.full(n, z)]) for z in (body.bottom_m, body.top_m)]
        sides = [(k, (k + 1) % n, (k + 1) % n + n, k + n) for k in range(n)]
        caps = [tuple(range(n - 1, -1, -1)), tuple(range(n, 2 * n))]
        mesh.from_pydata(np.concatenate(levels).tolist(), [], [*sides, *caps])
        mesh.materials.append(self.floor_material)
        obj = self._add(body.name, mesh)
        # It hides what is behind it and takes shadows; its own shadow is in the photo already.
        obj.visible_shadow = False
        obj.visible_diffuse = False
        return obj

    def _add_lamp(self, k: int) -> bpy.types.Object:
        obj = bpy.data.objects.new(f"lamp{k}", bpy.data.lights.new(f"lamp{k}", "AREA"))
        obj.visible_camera = False
        self.scene.collection.objects.link(obj)
        return obj

    def _set_light(self, light: SceneLight) -> None:
        for k, obj in enumerate(self.lamps):
            lamp = light.lamps[k] if k < len(light.lamps) else None
            obj.location = lamp.position_m if lamp else (0.0, 0.0, 50.0 + k)
            obj.data.energy = lamp.power_w if lamp else 0.0
            if lamp:
                obj.data.size, obj.data.color = lamp.size_m, lamp.color
        self.world_background.inputs["Color"].default_value = (*light.world_color, 1.0)
        self.world_background.inputs["Strength"].default_value = light.world_strength


def catcher_discs(people: Sequence[PlacedPerson]) -> list[CatcherDisc]:
    """One disc a person, around everything of the person and the chair seen from above."""
    discs = []
    for person in people:
        low, high = person.vertices[:, :2].min(axis=0), person.vertices[:, :2].max(axis=0)
        x, y = (low + high) / 2
        discs.append(CatcherDisc((float(x), float(y)), float(np.linalg.norm(high - low) / 2)))
    return discs


def _disc_cells(
    discs: Sequence[CatcherDisc], margin_m: float
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Square cells that cover the discs with their margins: a whole floor would render twice as long."""
    chosen: set[tuple[int, int]] = set()
    for disc in discs:
        reach_m = disc.radius_m + margin_m + CATCHER_CELL_M
        low, high = (
            np.floor((np.array(disc.xy) + s * reach_m) / CATCHER_CELL_M).astype(int) for s in (-1, 1)
        )
        i, j = np.meshgrid(np.arange(low[0], high[0] + 1), np.arange(low[1], high[1] + 1))
        centres = (np.stack([i.ravel(), j.ravel()], axis=1) + 0.5) * CATCHER_CELL_M
        near = np.linalg.norm(centres - disc.xy, axis=1) < reach_m
        chosen.update(zip(i.ravel()[near].tolist(), j.ravel()[near].tolist(), strict=True))
    corners = [(i + di, j + dj, 0) for i, j in sorted(chosen) for di, dj in ((0, 0), (1, 0), (1, 1), (0, 1))]
    vertices = np.array(corners, dtype=np.float32).reshape(-1, 3)
    vertices[:, :2] *= CATCHER_CELL_M
    return vertices, np.arange(len(vertices), dtype=np.int32).reshape(-1, 4)


def quad_mesh(name: str, vertices: NDArray[np.floating], quads: NDArray[np.integer]) -> bpy.types.Mesh:
    """A Blender mesh of vertices [v, 3] and quads [f, 4]."""
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(vertices))
    mesh.vertices.foreach_set("co", np.ascontiguousarray(vertices, dtype=np.float32).ravel())
    mesh.loops.add(quads.size)
    mesh.loops.foreach_set("vertex_index", np.ascontiguousarray(quads, dtype=np.int32).ravel())
    mesh.polygons.add(len(quads))
    mesh.polygons.foreach_set("loop_start", np.arange(0, quads.size, 4, dtype=np.int32))
    mesh.update(calc_edges=True)
    return mesh


def _set_up_cycles(scene: bpy.types.Scene, settings: RenderSettings, threads: int) -> None:
    render, cycles = scene.render, scene.cycles
    render.engine = "CYCLES"
    render.film_transparent = True
    render.threads_mode, render.threads = "FIXED", threads
    render.use_persistent_data = True
    render.image_settings.file_format = "OPEN_EXR_MULTILAYER"
    render.image_settings.color_depth, render.image_settings.exr_codec = "32", "ZIP"
    _choose_device(cycles, settings.device)
    cycles.samples, cycles.use_adaptive_sampling = settings.samples, False
    cycles.use_denoising, cycles.denoiser = settings.denoise, "OPENIMAGEDENOISE"
    # OIDN's defaults (HIGH, ACCURATE) cost seven times as much.
    cycles.denoising_quality, cycles.denoising_prefilter = "FAST", "NONE"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 3, 2, 1
    cycles.transmission_bounces, cycles.transparent_max_bounces = 1, 4
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.use_auto_tile = cycles.use_light_tree = False
    layer = scene.view_layers[0]
    layer.use_pass_z = layer.use_pass_cryptomatte_object = True
    layer.pass_cryptomatte_depth = 2


def _choose_device(cycles: bpy.types.PropertyGroup, device: RenderDevice) -> None:
    """ValueError where Blender finds no such device."""
    if device == "cpu":
        cycles.device = "CPU"
        return
    preferences = bpy.context.preferences.addons["cycles"].preferences
    preferences.compute_device_type = device.upper()
    preferences.get_devices()
    found = [item for item in preferences.devices if item.type == device.upper()]
    if not found:
        others = sorted({item.name for item in preferences.devices})
        raise ValueError(
            f"render.settings.device is {device!r}, but Blender finds no such device here (only {others}); "
            "check the driver, or set it to cpu"
        )
    for item in preferences.devices:
        item.use = item in found
    cycles.device = "GPU"


def _add_world(scene: bpy.types.Scene) -> bpy.types.Node:
    world = bpy.data.worlds.new("world")
    world.use_nodes = True
    scene.world = world
    return world.node_tree.nodes["Background"]


def _plain_material(name: str, color: tuple[float, float, float]) -> bpy.types.Material:
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    surface = material.node_tree.nodes["Principled BSDF"]
    surface.inputs["Base Color"].default_value = (*color, 1.0)
    surface.inputs["Roughness"].default_value = 0.9
    surface.inputs["Specular IOR Level"].default_value = 0.1
    return material


def _chair_material() -> bpy.types.Material:
    """One material for all chairs; the faces carry their colours."""
    material = _plain_material("chair", (0.05, 0.05, 0.05))
    nodes = material.node_tree.nodes
    surface = nodes["Principled BSDF"]
    surface.inputs["Roughness"].default_value = 0.6
    color = nodes.new("ShaderNodeAttribute")
    color.attribute_name = "col"
    material.node_tree.links.new(color.outputs["Color"], surface.inputs["Base Color"])
    return material
