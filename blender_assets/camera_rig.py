"""A Blender camera that sees exactly what lens.Camera computes."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

# pyright: reportAttributeAccessIssue=false, reportMissingImports=false
# (bpy carries no types)
from blender_assets.blender import Matrix, bpy
from blender_assets.lens.camera import Camera
from blender_assets.lens.pinhole import Perspective
from blender_assets.lens.radial import Axes
from blender_assets.lens.render_view import RenderView, find_render_view

SENSOR_WIDTH_MM = 36.0


@dataclass(frozen=True)
class CameraRig:
    """How the camera's image comes out of what Blender renders; view is None for a pinhole, which is exact."""

    camera: Camera
    view: RenderView | None

    def to_image(self, values: np.ndarray, *, is_smooth: bool) -> np.ndarray:
        """[h, w, ...] as rendered, at this size or smaller -> as the camera sees it.

        Labels and distances (not smooth) are never mixed.
        """
        size = (self.camera.width_px, self.camera.height_px)
        if self.view is not None:
            size = (self.view.width_px, self.view.height_px)
        if values.shape[1::-1] != size:
            mixing = cv2.INTER_LINEAR if is_smooth else cv2.INTER_NEAREST
            values = cv2.resize(values, size, interpolation=mixing)
        return values if self.view is None else self.view.resample(values, is_smooth=is_smooth)

    def rendered_box(self, box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        """Pixels x0, y0, x1, y1 of the image -> those of the render that they are resampled from."""
        return box if self.view is None else self.view.rendered_box(box)

    def ray_distance(self, depth: np.ndarray) -> NDArray[np.float32]:
        """[h, w] Blender's depth, resampled -> metres from the camera along each ray; a pinhole's is along its axis."""
        if self.view is not None:
            return depth
        camera = self.camera
        axes = camera.lens.axes(camera.width_px, camera.height_px)
        x = (np.arange(camera.width_px) + 0.5 - axes.cx) / axes.fx
        y = (np.arange(camera.height_px) + 0.5 - axes.cy) / axes.fy
        return (depth * np.sqrt(1 + x[None] ** 2 + y[:, None] ** 2)).astype(np.float32)


def add_camera(scene: bpy.types.Scene, camera: Camera) -> CameraRig:
    """Adds the camera, makes it the scene's and sets the scene's resolution."""
    data = bpy.data.cameras.new("camera")
    obj = bpy.data.objects.new("camera", data)
    scene.collection.objects.link(obj)
    scene.camera = obj
    obj.matrix_world = Matrix.Translation(camera.position()) @ Matrix(camera.rotation().tolist()).to_4x4()
    data.clip_start, data.clip_end = 0.01, 200.0
    data.sensor_fit, data.sensor_width = "HORIZONTAL", SENSOR_WIDTH_MM
    if isinstance(camera.lens, Perspective):
        axes = camera.lens.axes(camera.width_px, camera.height_px)
        data.type, data.lens = "PERSP", axes.fx * SENSOR_WIDTH_MM / camera.width_px
        _place_axis(scene, data, axes, camera.width_px, camera.height_px)
        return CameraRig(camera, None)
    view = find_render_view(camera)
    _set_polynomial(data, view)
    _place_axis(scene, data, view.axes, view.width_px, view.height_px)
    return CameraRig(camera, view)


def _set_polynomial(data: bpy.types.Camera, view: RenderView) -> None:
    """Cycles' own FISHEYE_EQUIDISTANT would stretch images that are not square."""
    data.type, data.panorama_type = "PANO", "FISHEYE_LENS_POLYNOMIAL"
    data.fisheye_fov = 2 * view.limit_rad
    # Cycles takes radians as a polynomial of millimetres on the sensor, with the sign turned.
    radii_per_mm = view.width_px / SENSOR_WIDTH_MM / view.axes.fx
    scaled = [-value * radii_per_mm ** (k + 1) for k, value in enumerate(view.coefficients)]
    data.fisheye_polynomial_k0 = 0.0
    data.fisheye_polynomial_k1, data.fisheye_polynomial_k2 = scaled[0], scaled[1]
    data.fisheye_polynomial_k3, data.fisheye_polynomial_k4 = scaled[2], scaled[3]


def _place_axis(
    scene: bpy.types.Scene, data: bpy.types.Camera, axes: Axes, width_px: int, height_px: int
) -> None:
    scene.render.resolution_x, scene.render.resolution_y = width_px, height_px
    scene.render.resolution_percentage = 100
    # Pixels that are not square: Blender takes their ratio, both numbers >= 1.
    scene.render.pixel_aspect_x = max(axes.fy / axes.fx, 1.0)
    scene.render.pixel_aspect_y = max(axes.fx / axes.fy, 1.0)
    # A fisheye's shift_y is in heights of the image; a pinhole's is in widths, of square pixels.
    unit_px = height_px if data.type == "PANO" else width_px * axes.fy / axes.fx
    data.shift_x = (width_px / 2 - axes.cx) / width_px
    data.shift_y = (axes.cy - height_px / 2) / unit_px
