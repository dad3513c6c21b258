"""Own projection against what Blender renders: small glowing balls must appear where project() says."""

from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from blender_assets.blender import bpy
from blender_assets.camera_rig import CameraRig, add_camera
from blender_assets.lens.camera import Camera
from blender_assets.lens.fisheye import (
    FisheyeEquidistant,
    FisheyeEquisolid,
    FisheyePolynomial,
    LensCircle,
    OpenCVFisheye,
)
from blender_assets.lens.models import Lens
from blender_assets.lens.pinhole import OpenCVPinhole, Perspective

WIDTH, HEIGHT = 200, 150
FISHEYE = FisheyeEquidistant(model="fisheye_equidistant", fov_deg=180)
OFF_CENTRE = FisheyeEquidistant(
    model="fisheye_equidistant", fov_deg=190, circle_px=LensCircle(cx=110, cy=70, radius=95)
)
EQUISOLID = FisheyeEquisolid(
    model="fisheye_equisolid", fov_deg=185, circle_px=LensCircle(cx=96, cy=80, radius=99)
)
POLYNOMIAL = FisheyePolynomial(
    model="fisheye_polynomial", k1=54, k2=-0.5, k3=1.6, k4=-1.1, cx_px=103, cy_px=72, fov_deg=180
)
KB4 = OpenCVFisheye(
    model="opencv_fisheye",
    fx=70, fy=74, cx=97, cy=77, k1=-0.012, k2=0.03, k3=-0.02, k4=0.004, fov_deg=170,
)  # fmt: skip
STEEP = OpenCVFisheye(model="opencv_fisheye", fx=60, fy=60, cx=99.5, cy=74.5, k1=0.25, k2=-0.12, k3=0.02)
BARREL = OpenCVPinhole(
    model="opencv_pinhole",
    fx=130, fy=135, cx=104, cy=70, k1=-0.28, k2=0.09, p1=0.004, p2=-0.006, k3=-0.01,
)  # fmt: skip
RATIONAL = OpenCVPinhole(
    model="opencv_pinhole", fx=120, fy=120, cx=95, cy=78, k1=1.2, k2=0.4, k3=0.02, k4=1.5, k5=0.7, k6=0.08
)
PINHOLE = Perspective(model="perspective", hfov_deg=80)
OBLONG = Perspective(model="perspective", fx_px=130, fy_px=160, cx_px=90, cy_px=85)
LENSES: dict[str, Lens] = {
    "equidistant": FISHEYE,
    "equidistant off centre": OFF_CENTRE,
    "equisolid": EQUISOLID,
    "polynomial": POLYNOMIAL,
    "OpenCV fisheye": KB4,
    "OpenCV fisheye that is no quartic": STEEP,
    "OpenCV pinhole with barrel and tangential distortion": BARREL,
    "OpenCV rational pinhole": RATIONAL,
    "perspective": PINHOLE,
    "pixels that are not square": OBLONG,
}
POSES = [(0.0, 0.0), (35.0, 0.0), (50.0, -20.0)]


@pytest.mark.parametrize(("tilt_deg", "roll_deg"), POSES)
@pytest.mark.parametrize("name", LENSES)
def test_rendered_balls_appear_within_half_a_pixel(
    name: str, tilt_deg: float, roll_deg: float, tmp_path: Path
):
    camera = Camera(LENSES[name], WIDTH, HEIGHT, 2.9, tilt_deg, roll_deg)
    camera.check()
    pixels = scattered_pixels(camera)
    points = camera.position() + camera.rays(pixels) * np.linspace(2, 4, len(pixels))[:, None]
    rig, channels = render_balls(camera, points, tmp_path / "balls.exr")
    image = rig.to_image(np.clip(channels["ViewLayer.Combined.R"], 0, 1), is_smooth=True)
    assert image.shape == (HEIGHT, WIDTH)
    errors = [np.linalg.norm(bright_centre(image, xy) - xy) for xy in camera.project(points)]
    assert len(errors) >= 10
    assert max(errors) <= 0.5


@pytest.mark.parametrize("name", ["OpenCV pinhole with barrel and tangential distortion", "perspective"])
def test_the_depth_of_a_ball_is_its_distance_along_the_ray(name: str, tmp_path: Path):
    camera = Camera(LENSES[name], WIDTH, HEIGHT, 2.9, 30, 10)
    pixels = scattered_pixels(camera)
    points = camera.position() + camera.rays(pixels) * 3.0
    rig, channels = render_balls(camera, points, tmp_path / "balls.exr")
    depth = rig.ray_distance(rig.to_image(channels["ViewLayer.Depth.Z"], is_smooth=False))
    columns, rows = np.floor(pixels).astype(int).T
    # The nearest point of a ball of 5 cm is 5 cm nearer than its centre; a pixel may see its flank.
    assert (np.abs(depth[rows, columns] - 2.955) < 0.02).all()


@pytest.mark.parametrize(
    ("name", "is_resampled"), [("OpenCV fisheye that is no quartic", True), ("equisolid", False)]
)
def test_only_a_lens_that_no_quartic_follows_is_resampled(name: str, is_resampled: bool):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    view = add_camera(bpy.context.scene, Camera(LENSES[name], WIDTH, HEIGHT, 2.9)).view
    assert view is not None
    assert (view.source_xy is not None) == is_resampled == (view.error_px > 0.1)


def scattered_pixels(camera: Camera) -> np.ndarray:
    """A grid over the image up to 7 px from its border, of which the lens shows a ball's whole image."""
    x, y = np.meshgrid(np.linspace(7, camera.width_px - 7, 6), np.linspace(7, camera.height_px - 7, 5))
    pixels = np.stack([x.ravel(), y.ravel()], axis=1) + 0.3
    around = [camera.sees(pixels + np.array([dx, dy])) for dx in (-6, 6) for dy in (-6, 6)]
    return pixels[np.all(around, axis=0)]


def render_balls(camera: Camera, points: np.ndarray, path: Path) -> tuple[CameraRig, dict[str, np.ndarray]]:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", 16, False
    scene.render.threads_mode, scene.render.threads = "FIXED", 1
    scene.render.image_settings.file_format = "OPEN_EXR_MULTILAYER"
    scene.view_layers[0].use_pass_z = True
    rig = add_camera(scene, camera)
    glow = bpy.data.materials.new("glow")
    glow.use_nodes = True
    glow.node_tree.nodes["Principled BSDF"].inputs["Emission Strength"].default_value = 1.0
    for point in points:
        bpy.ops.mesh.primitive_uv_sphere_add(radius=0.05, location=point)
        bpy.context.object.data.materials.append(glow)
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    with OpenEXR.File(str(path), separate_channels=True) as file:
        return rig, {name: np.array(channel.pixels) for name, channel in file.channels().items()}


def bright_centre(image: np.ndarray, near_xy: np.ndarray) -> np.ndarray:
    x0, y0 = np.maximum((near_xy - 8).astype(int), 0)
    window = image[y0 : y0 + 16, x0 : x0 + 16]
    rows, columns = np.mgrid[: window.shape[0], : window.shape[1]] + 0.5
    total = window.sum()
    assert total > 0.5, f"no ball near {near_xy}"
    return np.array([(window * columns).sum() / total + x0, (window * rows).sum() / total + y0])
