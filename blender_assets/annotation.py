"""What is known of every rendered person: boxes from projected vertices, visibility from rays."""

from collections.abc import Sequence
from dataclasses import dataclass

# pyright: reportAttributeAccessIssue=false, reportMissingImports=false
# (bpy carries no types)
import bpy
import numpy as np
from mathutils import Vector
from numpy.typing import NDArray

from blender_assets.lens import Camera
from blender_assets.placement import PlacedPerson

HAIR_MATERIAL = 2
HEAD_GRID, PERSON_GRID = 14, 22
# A ray that has met the surface starts again this far behind it.
STEP_M = 0.004
MAX_LAYERS = 8
COLLAR_M = 0.16


@dataclass(frozen=True)
class PersonAnnotation:
    """Boxes in pixels, clipped to the image; visibility is the share of the area in plain sight."""

    head_box_xyxy: tuple[float, float, float, float]
    person_box_xyxy: tuple[float, float, float, float]
    head_visibility: float
    person_visibility: float


def annotate_people(
    scene: bpy.types.Scene,
    camera: Camera,
    people: Sequence[PlacedPerson],
    objects: Sequence[bpy.types.Object],
) -> list[PersonAnnotation]:
    """objects[k] is people[k] as it stands in the scene, with everything that can hide it."""
    return [_annotate(scene, camera, p, o) for p, o in zip(people, objects, strict=True)]


def _annotate(
    scene: bpy.types.Scene, camera: Camera, person: PlacedPerson, obj: bpy.types.Object
) -> PersonAnnotation:
    used = np.unique(person.mesh.quads)
    person_box = projected_box(camera, person.vertices[used])
    head_box = projected_box(camera, person.vertices[person.mesh.head_vertices])
    is_head = np.zeros(len(person.vertices), dtype=bool)
    is_head[person.mesh.head_vertices] = True
    is_head_face = is_head[person.mesh.quads].all(axis=1)
    every_face = np.ones(len(is_head_face), dtype=bool)
    is_hair_face = person.mesh.material_index == HAIR_MATERIAL
    surface = _Surface(scene, camera, obj, is_hair_face)
    return PersonAnnotation(
        head_box_xyxy=clip_box(head_box, camera),
        person_box_xyxy=clip_box(person_box, camera),
        head_visibility=surface.visible_share(head_box, is_head_face, HEAD_GRID),
        person_visibility=surface.visible_share(person_box, every_face, PERSON_GRID),
    )


def projected_box(camera: Camera, points: NDArray[np.floating]) -> NDArray[np.float64]:
    """[4] xyxy around the points' images; it may reach outside the image."""
    pixels = camera.project(points)
    return np.concatenate([np.nanmin(pixels, axis=0), np.nanmax(pixels, axis=0)])


def clip_box(box_xyxy: NDArray[np.floating], camera: Camera) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = np.clip(box_xyxy, 0, [camera.width_px, camera.height_px] * 2)
    return float(x0), float(y0), float(x1), float(y1)


class _Surface:
    """One person's surface in a scene, asked by rays from the camera."""

    def __init__(
        self, scene: bpy.types.Scene, camera: Camera, obj: bpy.types.Object, is_hair_face: NDArray[np.bool_]
    ) -> None:
        self.scene, self.camera, self.obj, self.is_hair_face = scene, camera, obj, is_hair_face
        self.depsgraph = bpy.context.evaluated_depsgraph_get()
        self.origin = Vector(camera.position())

    def visible_share(self, box_xyxy: NDArray[np.floating], is_part: NDArray[np.bool_], grid: int) -> float:
        """Share of the part's image, over a grid of rays through its box, that the camera gets to see."""
        x0, y0, x1, y1 = box_xyxy
        steps = (np.arange(grid) + 0.5) / grid
        x, y = np.meshgrid(x0 + steps * (x1 - x0), y0 + steps * (y1 - y0))
        pixels = np.stack([x.ravel(), y.ravel()], axis=1)
        counted = visible = 0
        for ray, inside in zip(self.camera.rays(pixels), self.camera.sees(pixels), strict=True):
            direction = Vector(ray)
            own_m, part_m = self._distances(direction, is_part)
            # A collar that lies on the neck is where the head ends; an arm before the face hides it.
            if part_m is None or 0 < part_m - own_m < COLLAR_M:
                continue
            counted += 1
            visible += bool(inside) and own_m == part_m and not self._is_hidden(direction, part_m)
        return visible / counted if counted else 0.0

    def _distances(self, direction: Vector, is_part: NDArray[np.bool_]) -> tuple[float, float | None]:
        """Metres to the body's first face that is not hair, and to the first of the part; hair may be the part."""
        own_m, start_m = np.inf, 0.0
        for _ in range(MAX_LAYERS):
            is_hit, point, _, face = self.obj.ray_cast(self.origin + direction * start_m, direction)
            if not is_hit:
                break
            distance = (point - self.origin).length
            if is_part[face]:
                return min(own_m, distance), distance
            if not self.is_hair_face[face]:
                own_m = min(own_m, distance)
            start_m = distance + STEP_M
        return own_m, None

    def _is_hidden(self, direction: Vector, distance: float) -> bool:
        """Whether anything but the person's own body lies in front."""
        start_m = 0.0
        for _ in range(MAX_LAYERS):
            left_m = distance - start_m - 2 * STEP_M
            if left_m <= 0:
                return False
            origin = self.origin + direction * start_m
            is_hit, point, _, _, obj, _ = self.scene.ray_cast(
                self.depsgraph, origin, direction, distance=left_m
            )
            if not is_hit:
                return False
            if obj.name != self.obj.name:
                return True
            start_m = (point - self.origin).length + STEP_M
        return True
