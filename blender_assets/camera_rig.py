"""A Blender camera that sees exactly what lens.Camera computes."""

import math

# pyright: reportAttributeAccessIssue=false, reportMissingImports=false
# (bpy carries no types)
import bpy
from mathutils import Matrix

from blender_assets.lens import Camera, FisheyeEquidistant

SENSOR_WIDTH_MM = 36.0


def add_camera(scene: bpy.types.Scene, camera: Camera) -> bpy.types.Object:
    """Adds the camera and makes it the scene's; the scene's resolution must be the camera's."""
    data = bpy.data.cameras.new("camera")
    obj = bpy.data.objects.new("camera", data)
    scene.collection.objects.link(obj)
    scene.camera = obj
    obj.matrix_world = Matrix.Translation(camera.position()) @ Matrix(camera.rotation().tolist()).to_4x4()
    data.clip_start, data.clip_end = 0.01, 200.0
    data.sensor_fit, data.sensor_width = "HORIZONTAL", SENSOR_WIDTH_MM
    if isinstance(camera.lens, FisheyeEquidistant):
        _set_fisheye(data, camera, camera.lens)
    else:
        _set_perspective(scene, data, camera)
    return obj


def _set_fisheye(data: bpy.types.Camera, camera: Camera, lens: FisheyeEquidistant) -> None:
    """The polynomial lens: Cycles' own FISHEYE_EQUIDISTANT stretches images that are not square."""
    circle = lens.circle(camera.width_px, camera.height_px)
    data.type, data.panorama_type = "PANO", "FISHEYE_LENS_POLYNOMIAL"
    data.fisheye_fov = math.radians(lens.fov_deg)
    radius_mm = circle.radius * SENSOR_WIDTH_MM / camera.width_px
    data.fisheye_polynomial_k0 = 0.0
    data.fisheye_polynomial_k1 = -math.radians(lens.fov_deg / 2) / radius_mm
    data.fisheye_polynomial_k2 = data.fisheye_polynomial_k3 = data.fisheye_polynomial_k4 = 0.0
    data.shift_x = (camera.width_px / 2 - circle.cx) / camera.width_px
    data.shift_y = (circle.cy - camera.height_px / 2) / camera.height_px


def _set_perspective(scene: bpy.types.Scene, data: bpy.types.Camera, camera: Camera) -> None:
    assert not isinstance(camera.lens, FisheyeEquidistant)
    fx, fy, cx, cy = camera.lens.intrinsics(camera.width_px, camera.height_px)
    data.type = "PERSP"
    data.lens = fx * SENSOR_WIDTH_MM / camera.width_px
    data.shift_x = (camera.width_px / 2 - cx) / camera.width_px
    # Pixels that are not square: Blender takes their ratio, both numbers >= 1, and divides shift_y by it.
    data.shift_y = (cy - camera.height_px / 2) / camera.width_px * fx / fy
    scene.render.pixel_aspect_x = max(fy / fx, 1.0)
    scene.render.pixel_aspect_y = max(fx / fy, 1.0)
