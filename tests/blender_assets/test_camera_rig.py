"""Own projection against what Blender renders: small glowing balls must appear where project() says."""

from pathlib import Path

import bpy
import numpy as np
import OpenEXR
import pytest

from blender_assets.camera_rig import add_camera
from blender_assets.lens import Camera, FisheyeEquidistant, LensCircle, Perspective

FISHEYE = FisheyeEquidistant(model="fisheye_equidistant", fov_deg=180)
OFF_CENTRE = FisheyeEquidistant(
    model="fisheye_equidistant", fov_deg=190, circle_px=LensCircle(cx=110, cy=70, radius=95)
)
PINHOLE = Perspective(model="perspective", hfov_deg=80)
OBLONG = Perspective(model="perspective", fx_px=130, fy_px=160, cx_px=90, cy_px=85)
CAMERAS = {
    "fisheye": Camera(FISHEYE, 200, 150, 2.9),
    "tilted fisheye off centre": Camera(OFF_CENTRE, 200, 150, 2.9, 15, 30),
    "perspective": Camera(PINHOLE, 200, 150, 2.9),
    "tilted perspective": Camera(PINHOLE, 200, 150, 2.9, 55, 5),
    "pixels that are not square": Camera(OBLONG, 200, 150, 2.9, 40),
}


@pytest.mark.parametrize("name", CAMERAS)
def test_rendered_balls_appear_within_half_a_pixel(name: str, tmp_path: Path):
    camera = CAMERAS[name]
    pixels = scattered_pixels(camera)
    points = camera.position() + camera.rays(pixels) * np.linspace(2, 4, len(pixels))[:, None]
    image = render_balls(camera, points, tmp_path / "balls.exr")
    errors = [np.linalg.norm(bright_centre(image, xy) - xy) for xy in camera.project(points)]
    assert len(errors) >= 8
    assert max(errors) <= 0.5


def scattered_pixels(camera: Camera) -> np.ndarray:
    x, y = np.meshgrid(np.linspace(20, camera.width_px - 20, 5), np.linspace(20, camera.height_px - 20, 4))
    pixels = np.stack([x.ravel(), y.ravel()], axis=1) + 0.3
    well_inside = pixels + 8 * np.sign(pixels - np.array(camera.project([[0, 0, 0]])[0]))
    return pixels[camera.sees(well_inside)]


def render_balls(camera: Camera, points: np.ndarray, path: Path) -> np.ndarray:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", 16, False
    scene.render.resolution_x, scene.render.resolution_y = camera.width_px, camera.height_px
    scene.render.threads_mode, scene.render.threads = "FIXED", 1
    scene.render.image_settings.file_format = "OPEN_EXR"
    add_camera(scene, camera)
    glow = bpy.data.materials.new("glow")
    glow.use_nodes = True
    glow.node_tree.nodes["Principled BSDF"].inputs["Emission Strength"].default_value = 1.0
    for point in points:
        bpy.ops.mesh.primitive_uv_sphere_add(radius=0.05, location=point)
        bpy.context.object.data.materials.append(glow)
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    with OpenEXR.File(str(path), separate_channels=True) as file:
        return np.clip(np.array(file.channels()["R"].pixels), 0, 1)


def bright_centre(image: np.ndarray, near_xy: np.ndarray) -> np.ndarray:
    x0, y0 = np.maximum((near_xy - 9).astype(int), 0)
    window = image[y0 : y0 + 18, x0 : x0 + 18]
    rows, columns = np.mgrid[: window.shape[0], : window.shape[1]] + 0.5
    total = window.sum()
    assert total > 0.5, f"no ball near {near_xy}"
    return np.array([(window * columns).sum() / total + x0, (window * rows).sum() / total + y0])
