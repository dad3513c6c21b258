"""A scene whose bytes are kept: python -m tests.blender_assets.golden writes it anew after a change that was meant.

golden/image.png and mask.png are the scene; golden/digests.json holds the bytes' digests by platform. Another processor
may differ in the last bits: there the picture itself is compared.
"""

import hashlib
import json
import platform
import tempfile
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np

from blender_assets.settings import RenderSettings
from tasks.artifacts.recipe import SourceFiles
from tasks.images.files import write_png
from tasks.scenes.body_basis import build_body_basis
from tasks.scenes.rendering import RenderSource, render_over

FOLDER = Path(__file__).with_name("golden")
NAMES = ("image.png", "mask.png")
SCENE, SEED, WIDTH_PX, HEIGHT_PX = 3, 11, 200, 150
CAMERA = {
    "lens": {"model": "fisheye_equidistant", "fov_deg": 180},
    "height_m": 2.8,
    "floor": {"radius_m": 2.2},
    "occluders": [
        {"name": "table", "height_m": 0.74, "polygon_px": [[60, 40], [90, 40], [90, 110], [60, 110]]}
    ],
}


def platform_name() -> str:
    """What decides the last bits: system, processor family with its vector width, and Blender."""
    flags = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    vectors = next((name for name in ("avx512f", "avx2") if name in flags), "plain")
    return f"{platform.system()} {platform.machine()} {vectors} bpy {version('bpy')}"


def render_golden(folder: Path) -> dict[str, Path]:
    """The scene, rendered now: paths by golden name."""
    background = folder / "background"
    noise = np.random.default_rng(0).normal(140, 2, (HEIGHT_PX, WIDTH_PX, 3))
    write_png(background / "image.png", np.clip(noise, 0, 255).astype(np.uint8))
    facts = {
        "camera": CAMERA,
        "file": {"jpeg_quality": 85},
        "background": {"name": "golden", "camera": "top"},
    }
    for name, content in facts.items():
        (background / f"{name}.json").write_text(json.dumps(content))
    build_body_basis(folder / "body_basis.npz")
    source = RenderSource(background, folder, SourceFiles({}))
    settings = RenderSettings(sitting_people=(1, 1), standing_people=(2, 2), samples=4)
    (record,) = render_over(source, settings, [SCENE], seed=SEED, out=folder / "out")
    return {
        "image.png": folder / "out" / record["file_name"],
        "mask.png": folder / "out" / record["mask_name"],
    }


def digests(paths: dict[str, Path]) -> dict[str, str]:
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in paths.items()}


def read_pixels(path: Path) -> np.ndarray:
    pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert pixels is not None, path
    return pixels


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        paths = render_golden(Path(name))
        FOLDER.mkdir(exist_ok=True)
        for kept, path in paths.items():
            (FOLDER / kept).write_bytes(path.read_bytes())
        # Digests of other platforms are of another picture now.
        (FOLDER / "digests.json").write_text(json.dumps({platform_name(): digests(paths)}, indent=1) + "\n")


if __name__ == "__main__":
    main()
