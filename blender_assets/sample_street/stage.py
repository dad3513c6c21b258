"""The Blender scene of one street: built once, then frames and times of day are set and rendered."""

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# pyright: reportAttributeAccessIssue=false, reportMissingImports=false
# (bpy carries no types)
from blender_assets.blender import Matrix, Vector, bpy
from blender_assets.camera_rig import add_camera
from blender_assets.exr_layers import read_passes
from blender_assets.people.materials import add_person_object, make_people_materials
from blender_assets.people.pieces import PersonMesh
from blender_assets.sample_site.stage import set_up_cycles
from blender_assets.sample_street.classes import StreetClass
from blender_assets.sample_street.lighting import Illumination
from blender_assets.sample_street.materials import STRENGTH, make_street_materials
from blender_assets.sample_street.settings import StreetSettings
from blender_assets.sample_street.sky import make_sky, paint_sky
from blender_assets.sample_street.solids import SURFACES, Solid
from blender_assets.sample_street.street import Street
from blender_assets.sample_street.things import Thing
from blender_assets.scene import quad_mesh

FARTHEST_M = 600.0
HEADLIGHT_REACH_DEG, LAMP_CONE_DEG = 60.0, 150.0
_OWN_LIGHTS = np.array([[-0.6, 1.2, -0.7], [0.6, 1.2, -0.7]])  # from the camera: right, ahead, up
_PINPOINT_PX = 0.01  # width of the pixel filter that takes a pixel's middle alone


class StreetStage:
    """Objects carry a number in their index pass: static ones by class, then one for each thing."""

    def __init__(self, street: Street, settings: StreetSettings, *, threads: int) -> None:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        self.scene = bpy.context.scene
        self.street, self.settings = street, settings
        set_up_cycles(self.scene, settings, threads=threads)
        layer = self.scene.view_layers[0]
        layer.use_pass_cryptomatte_object = False
        layer.use_pass_object_index = layer.use_pass_z = True
        add_camera(self.scene, street.camera)
        self.scene.camera.data.clip_end = FARTHEST_M
        self.materials = make_street_materials(is_wet=street.plan.is_wet)
        self.world = make_sky(self.scene, offset=10 * street.weather.cloudiness)
        self.classes: list[StreetClass] = [StreetClass.SKY]  # by number; 0 is what no object covers
        self._add_scenery()
        self.objects = self._add_things()
        self.first_thing = len(self.classes) - len(self.objects)
        self._add_lights()

    def _add_scenery(self) -> None:
        """One object a class, bent along the street's course."""
        by_class: dict[StreetClass, list[Solid]] = {}
        for kind, solid in self.street.scenery.solids:
            by_class.setdefault(kind, []).append(solid)
        for kind in sorted(by_class):
            bent = [solid.moved(self.street.plan.course.to_world) for solid in by_class[kind]]
            self._number(add_solids(f"static_{kind.name}", bent, by_class[kind], self.materials), kind)

    def _add_things(self) -> list[bpy.types.Object]:
        people_materials = make_people_materials()
        objects = []
        for k, thing in enumerate(self.street.things):
            objects.append(_add_thing(f"thing{k}", thing, self.materials, people_materials))
            self._number(objects[-1], thing.kind)
        return objects

    def _number(self, obj: bpy.types.Object, kind: StreetClass) -> None:
        obj.pass_index = len(self.classes)
        self.classes.append(kind)

    def _add_lights(self) -> None:
        """All lamps that any time of day needs: which light exists must not depend on the time."""
        self.sun = _add_light("SUN", "sun")
        self.lamps = [_add_light("SPOT", "lamp", LAMP_CONE_DEG) for _ in self.street.scenery.lamps]
        for light, position in zip(
            self.lamps, self.street.plan.course.to_world(self.street.scenery.lamps), strict=True
        ):
            light.location = position
        self.driven = [k for k, thing in enumerate(self.street.things) if thing.headlights is not None]
        self.headlights = [_add_light("SPOT", "headlight", HEADLIGHT_REACH_DEG) for _ in self.driven]
        self.own_lights = [_add_light("SPOT", "own", HEADLIGHT_REACH_DEG) for _ in _OWN_LIGHTS]

    def set_frame(self, frame: int) -> np.ndarray:
        """Moves everything to where it is in a frame; returns the camera's pose [4, 4] in the world."""
        seconds = self.street.drive.seconds[frame]
        course = self.street.plan.course
        carriage = self.street.drive.track().matrix(course, seconds)
        camera = self.street.camera
        own = np.eye(4)
        own[:3, :3], own[:3, 3] = camera.rotation(), camera.position()
        pose = carriage @ own
        self.scene.camera.matrix_world = Matrix(pose.tolist())
        matrices = [thing.track.matrix(course, seconds) for thing in self.street.things]
        for obj, matrix in zip(self.objects, matrices, strict=True):
            obj.matrix_world = Matrix(matrix.tolist())
        for light, k in zip(self.headlights, self.driven, strict=True):
            lights = self.street.things[k].headlights
            assert lights is not None
            light.matrix_world = _shining_ahead(matrices[k], lights.mean(axis=0) + np.array([0, 0.3, 0]))
        for light, offset in zip(self.own_lights, _OWN_LIGHTS, strict=True):
            light.matrix_world = _shining_ahead(carriage, camera.position() + offset)
        bpy.context.view_layer.update()
        return pose

    def set_light(self, light: Illumination) -> None:
        self.sun.data.energy, self.sun.data.color, self.sun.data.angle = (
            light.sun_w_m2,
            light.sun_color,
            0.012,
        )
        self.sun.rotation_mode = "QUATERNION"
        elevation, azimuth = np.radians(light.sun_elevation_deg), np.radians(light.sun_azimuth_deg)
        ray = -np.array(
            [np.cos(elevation) * np.sin(azimuth), np.cos(elevation) * np.cos(azimuth), np.sin(elevation)]
        )
        self.sun.rotation_quaternion = Vector(ray.tolist()).to_track_quat("-Z", "Y")
        for lamp in self.lamps:
            lamp.data.energy, lamp.data.color = light.lamp_w, (1.0, 0.7, 0.38)
        for lamp in (*self.headlights, *self.own_lights):
            lamp.data.energy, lamp.data.color = light.headlight_w, (1.0, 0.94, 0.82)
        for surface, strength in light.strengths.items():
            node = self.materials[SURFACES.index(surface)].node_tree.nodes[STRENGTH]
            node.outputs[0].default_value = strength
        paint_sky(self.world, light.sky)

    def render_labels(self) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """What the ray through each pixel's middle meets: the object's number, and metres along the camera's axis.

        Neither depends on light, so that a frame has the same labels by day and by night; inf where the sky is.
        """
        cycles = self.scene.cycles
        cycles.samples, cycles.max_bounces, cycles.use_denoising = 1, 0, False
        cycles.pixel_filter_type, cycles.filter_width = "GAUSSIAN", _PINPOINT_PX
        cycles.seed = 0
        passes = self._render()
        numbers = np.round(passes["IndexOB.X"]).astype(np.int32)
        depth = np.where(numbers > 0, passes["Depth.Z"], np.inf).astype(np.float32)
        return numbers, depth

    def render_radiance(self, *, cycles_seed: int) -> NDArray[np.float32]:
        """Linear RGB [h, w, 3]."""
        cycles, settings = self.scene.cycles, self.settings
        cycles.samples, cycles.max_bounces = settings.samples, settings.max_bounces
        cycles.use_denoising = settings.denoise
        cycles.pixel_filter_type, cycles.filter_width = "BLACKMAN_HARRIS", 1.5
        cycles.seed = cycles_seed
        passes = self._render()
        return np.stack([passes[f"Combined.{channel}"] for channel in "RGB"], axis=-1)

    def _render(self) -> dict[str, NDArray[np.float32]]:
        with tempfile.TemporaryDirectory(prefix="verisim-street-") as folder:
            path = Path(folder) / "image.exr"
            self.scene.render.filepath = str(path)
            bpy.ops.render.render(write_still=True)
            return read_passes(path)


def add_solids(
    name: str, solids: Sequence[Solid], rest: Sequence[Solid], materials: Iterable[bpy.types.Material]
) -> bpy.types.Object:
    """Solids as one object; textures stick to where the same vertices are in `rest`."""
    starts = np.cumsum([0] + [len(solid.vertices) for solid in solids])
    vertices = np.concatenate([solid.vertices for solid in solids])
    quads = np.concatenate([solid.quads + start for solid, start in zip(solids, starts, strict=False)])
    mesh = quad_mesh(name, vertices, quads)
    slots = np.repeat([SURFACES.index(s.surface) for s in solids], [len(s.quads) for s in solids])
    mesh.polygons.foreach_set("material_index", slots.astype(np.int32))
    for attribute, domain, values in (
        ("col", "FACE", np.concatenate([solid.colors for solid in solids])),
        ("glow", "FACE", np.concatenate([solid.glow for solid in solids])),
        ("rest", "POINT", np.concatenate([solid.vertices for solid in rest])),
    ):
        layer = mesh.attributes.new(attribute, "FLOAT_VECTOR", domain)
        layer.data.foreach_set("vector", np.ascontiguousarray(values, dtype=np.float32).ravel())
    for material in materials:
        mesh.materials.append(material)
    mesh.shade_flat()  # a new mesh is smooth, and smooth boxes look like cushions
    obj = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(obj)
    return obj


def _add_thing(
    name: str,
    thing: Thing,
    materials: Sequence[bpy.types.Material],
    people_materials: Sequence[bpy.types.Material],
) -> bpy.types.Object:
    if isinstance(thing.body, PersonMesh):
        ahead = thing.body.vertices * np.array([-1, -1, 1], dtype=np.float32)  # people face -y
        return add_person_object(name, thing.body, vertices=ahead, materials=people_materials)
    return add_solids(name, thing.body, thing.body, materials)


def _add_light(kind: str, name: str, cone_deg: float | None = None) -> bpy.types.Object:
    data = bpy.data.lights.new(name, kind)
    if cone_deg is not None:
        data.spot_size, data.spot_blend, data.shadow_soft_size = np.radians(cone_deg), 0.7, 0.12
    obj = bpy.data.objects.new(name, data)
    obj.visible_camera = False
    bpy.context.scene.collection.objects.link(obj)
    return obj


def _shining_ahead(matrix: np.ndarray, place: np.ndarray) -> Matrix:
    """Pose of a spot at `place` of a vehicle's space that shines along +y and a little down."""
    down = np.radians(90 - 3.5)
    turn = Matrix.Rotation(down, 4, "X")
    return Matrix(matrix.tolist()) @ Matrix.Translation(place.tolist()) @ turn
