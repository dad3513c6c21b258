"""The Blender scene of a furnished room under one camera; the office at one time of day."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

# pyright: reportAttributeAccessIssue=false, reportMissingImports=false
# (bpy carries no types)
from blender_assets.blender import Vector, bpy
from blender_assets.camera_rig import add_camera
from blender_assets.exr_layers import read_object_labels, read_passes
from blender_assets.people.materials import FOLD_HEIGHT_M, add_person_object, make_people_materials
from blender_assets.placement import PlacedPerson
from blender_assets.sample_site.cameras import MountedCamera
from blender_assets.sample_site.lighting import (
    DAYLIGHT,
    LAMP_SIZE_M,
    LAMP_XY,
    LAMP_Z,
    Daylight,
    window_centres,
)
from blender_assets.sample_site.materials import make_office_materials
from blender_assets.sample_site.room import (
    DEPTH_M,
    WIDTH_M,
    WINDOW_SIZE_M,
    TimeOfDay,
    build_clutter,
    build_furniture,
    build_shell,
)
from blender_assets.sample_site.settings import PhotoSettings, SampleSiteSettings
from blender_assets.sample_site.solids import MATERIALS, Solid, sheet
from blender_assets.scene import quad_mesh

SHARP_ANGLE_RAD = 0.7


class Stage:
    """A furnished room and a camera at the world's origin; people come and go."""

    def __init__(
        self,
        mounted: MountedCamera,
        settings: PhotoSettings,
        *,
        threads: int,
        fold_height_m: float = FOLD_HEIGHT_M,
    ) -> None:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        self.scene = bpy.context.scene
        self.mounted = mounted
        set_up_cycles(self.scene, settings, threads=threads)
        self.rig = add_camera(self.scene, mounted.camera)
        self.person_materials = make_people_materials(fold_height_m=fold_height_m)
        self.add_darkness()
        self.people: list[bpy.types.Object] = []

    def add_darkness(self) -> None:
        """Nothing shines beyond the room."""
        self.scene.world = bpy.data.worlds.new("world")
        self.scene.world.use_nodes = True
        self.scene.world.node_tree.nodes["Background"].inputs["Strength"].default_value = 0.0

    def add_solids(self, name: str, solids: Sequence[Solid]) -> bpy.types.Object:
        """All solids as one mesh, with the attributes that the materials read."""
        starts = np.cumsum([0] + [len(solid.vertices) for solid in solids])
        vertices = np.concatenate([solid.vertices for solid in solids])
        quads = np.concatenate([solid.quads + start for solid, start in zip(solids, starts, strict=False)])
        mesh = quad_mesh(name, self.mounted.to_camera_world(vertices), quads)
        slots = np.repeat([MATERIALS.index(s.material) for s in solids], [len(s.quads) for s in solids])
        mesh.polygons.foreach_set("material_index", slots.astype(np.int32))
        colors = np.concatenate([solid.colors for solid in solids])
        for attribute, domain, values in (("col", "FACE", colors), ("rest", "POINT", vertices)):
            layer = mesh.attributes.new(attribute, "FLOAT_VECTOR", domain)
            layer.data.foreach_set("vector", np.ascontiguousarray(values, dtype=np.float32).ravel())
        for material in make_office_materials():
            mesh.materials.append(material)
        mesh.shade_smooth()
        mesh.set_sharp_from_angle(angle=SHARP_ANGLE_RAD)
        obj = bpy.data.objects.new(name, mesh)
        self.scene.collection.objects.link(obj)
        return obj

    def add_area(
        self,
        position: np.ndarray,
        size_m: tuple[float, float],
        power_w: float,
        color: tuple[float, float, float],
        *,
        faces_room: bool,
    ) -> None:
        """A rectangle of light that shines into the room (-y) or down."""
        data = bpy.data.lights.new("area", "AREA")
        data.shape, data.size, data.size_y = "RECTANGLE", *size_m
        data.energy, data.color = power_w, color
        obj = bpy.data.objects.new("area", data)
        obj.location = self.mounted.to_camera_world(position[None])[0]
        obj.rotation_euler = (-np.pi / 2 if faces_room else 0.0, 0.0, 0.0)
        obj.visible_camera = False
        self.scene.collection.objects.link(obj)

    def arrange(self, people: Sequence[PlacedPerson], *, cycles_seed: int) -> None:
        """Replaces the people of the last shot; they are in the camera's world."""
        for obj in self.people:
            mesh = obj.data
            bpy.data.objects.remove(obj)
            bpy.data.meshes.remove(mesh)
        self.people = [
            add_person_object(
                f"person{k}", person.mesh, vertices=person.vertices, materials=self.person_materials
            )
            for k, person in enumerate(people)
        ]
        self.scene.cycles.seed = cycles_seed
        bpy.context.view_layer.update()

    def object_numbers(self) -> dict[str, int]:
        """1 for the first person, by the name of the person's object."""
        return {obj.name: k + 1 for k, obj in enumerate(self.people)}

    def render(self, exr_path: Path) -> None:
        self.scene.render.filepath = str(exr_path)
        bpy.ops.render.render(write_still=True)


class OfficeStage(Stage):
    """The sample office on one day at one time."""

    def __init__(
        self,
        mounted: MountedCamera,
        moment: tuple[TimeOfDay, int],
        settings: SampleSiteSettings,
        *,
        threads: int,
    ) -> None:
        super().__init__(mounted, settings, threads=threads, fold_height_m=settings.people.fold_height_m)
        time, day = moment
        self.add_solids("office", [*build_shell(), *build_furniture(), *build_clutter(time, day)])
        self.add_light(DAYLIGHT[time])

    def add_light(self, daylight: Daylight) -> None:
        self.add_sun(daylight)
        for position in window_centres():
            self.add_area(position, WINDOW_SIZE_M, daylight.sky_w, daylight.sky_color, faces_room=True)
        for x, y in LAMP_XY:
            self.add_area(
                np.array([x, y, LAMP_Z]), LAMP_SIZE_M, daylight.lamp_w, daylight.lamp_color, faces_room=False
            )
        self.add_outside(daylight)

    def add_sun(self, daylight: Daylight) -> None:
        data = bpy.data.lights.new("sun", "SUN")
        data.energy, data.color, data.angle = daylight.sun_w_m2, daylight.sun_color, 0.02
        obj = bpy.data.objects.new("sun", data)
        obj.rotation_mode = "QUATERNION"
        obj.rotation_quaternion = Vector(daylight.sun_direction).to_track_quat("-Z", "Y")
        self.scene.collection.objects.link(obj)

    def add_outside(self, daylight: Daylight) -> None:
        """What the camera sees through the windows; it gives no light, the window areas do."""
        outside = sheet(
            (-3, DEPTH_M + 1.5, -1), (WIDTH_M + 6, 0, 0), (0, 0, 5), cells=(30, 12), material="sky"
        )
        height = np.repeat(np.linspace(0, 1, 12), 30)[:, None]
        brightness = daylight.sky_w / 60.0
        colors = np.array(daylight.sky_color) * brightness * np.where(height < 0.4, 0.35, 0.7 + 0.6 * height)
        obj = self.add_solids("outside", [Solid(outside.vertices, outside.quads, colors, "sky")])
        obj.visible_shadow = obj.visible_diffuse = False


def set_up_cycles(scene: bpy.types.Scene, settings: PhotoSettings, *, threads: int) -> None:
    """Path tracing with bounces; the denoiser's cheap mode, since its default costs seven times as much."""
    render, cycles = scene.render, scene.cycles
    render.engine = "CYCLES"
    render.threads_mode, render.threads, render.use_persistent_data = "FIXED", threads, True
    render.image_settings.file_format, render.image_settings.color_depth = "OPEN_EXR_MULTILAYER", "32"
    cycles.device, cycles.samples, cycles.use_adaptive_sampling = "CPU", settings.samples, False
    cycles.max_bounces = cycles.diffuse_bounces = settings.max_bounces
    cycles.glossy_bounces = cycles.transmission_bounces = 1
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 4.0
    cycles.use_light_tree = False  # ten lamps: choosing among them by a tree costs more than it saves
    cycles.use_denoising, cycles.denoiser = settings.denoise, "OPENIMAGEDENOISE"
    cycles.denoising_quality, cycles.denoising_prefilter = "FAST", "NONE"
    layer = scene.view_layers[0]
    layer.use_pass_cryptomatte_object, layer.pass_cryptomatte_depth = True, 2


def seen_pixels(mounted: MountedCamera) -> np.ndarray:
    """[h, w] whether a pixel lies in the lens circle."""
    height, width = mounted.camera.height_px, mounted.camera.width_px
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    return mounted.camera.sees(np.stack([x.ravel(), y.ravel()], axis=1)).reshape(height, width)


def render_stage(stage: Stage) -> tuple[np.ndarray, np.ndarray]:
    """Linear RGB [h, w, 3] of what stands on the stage, and the mask [h, w], k + 1 where people[k] is seen."""
    with tempfile.TemporaryDirectory(prefix="verisim-stage-") as folder:
        path = Path(folder) / "shot.exr"
        stage.render(path)
        passes = read_passes(path)
        labels = read_object_labels(path, passes, stage.object_numbers())
    radiance = np.stack([passes[f"Combined.{channel}"] for channel in "RGB"], axis=-1)
    return stage.rig.to_image(radiance, is_smooth=True), stage.rig.to_image(labels, is_smooth=False)
