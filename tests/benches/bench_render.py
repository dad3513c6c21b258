"""`make bench-render`: what a rendered image costs beside the bare render of its scene; one JSON object at the end.

CPU-seconds, so that shared machines compare. The bare render is one plain Cycles render of the same scene with the
same settings and everything in it at full size, as pressing F12 in Blender would do it: people, shadow catcher and
occluders, 8 samples, denoised.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from blender_assets.both_sides.child_protocol import claim_stdout
from tasks.images.files import write_png
from tasks.scenes.body_basis import build_body_basis
from tests.flows.tiny_site import draw_room

SIZES = {448: (448, 336), 640: (640, 480)}
NUM_SCENES, NUM_SCALING = 8, 16
SETTINGS = {"sitting_people": [1, 1], "standing_people": [3, 3]}
CAMERA = {
    "lens": {"model": "fisheye_equidistant", "fov_deg": 180},
    "height_m": 2.8,
    "floor": {"radius_m": 3.3},
    "occluders": [],
}
_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OIDN_NUM_THREADS")


def main() -> None:
    """Measure in child processes, one after the other and two at once, and print the figures."""
    with tempfile.TemporaryDirectory(prefix="verisim-bench-") as name:
        folder = Path(name)
        build_body_basis(folder / "body_basis.npz")
        costs = {
            width: _finish(_start(folder, size, NUM_SCENES, has_bare=True)) for width, size in SIZES.items()
        }
        one = [_finish(_start(folder, SIZES[448], NUM_SCALING))]
        two = [_finish(child) for child in [_start(folder, SIZES[448], NUM_SCALING) for _ in range(2)]]
    figures = {f"overhead_ratio_{width}": cost["cpu_s"] / cost["bare_cpu_s"] for width, cost in costs.items()}
    figures |= {f"cpu_s_per_image_{width}": cost["cpu_s"] for width, cost in costs.items()}
    figures |= {f"bare_cpu_s_{width}": cost["bare_cpu_s"] for width, cost in costs.items()}
    # Images a second of two processes, against twice those of one.
    figures["scaling_2_processes"] = one[0]["wall_s"] * sum(1 / item["wall_s"] for item in two) / 2
    figures["worker_rss_gb"] = max(item["rss_gb"] for item in [costs[448], *one, *two])
    print(json.dumps({name: round(value, 3) for name, value in figures.items()}))


def measure(folder: Path, size: tuple[int, int], num_scenes: int, *, has_bare: bool) -> dict[str, float]:
    """Mean CPU-seconds of an image and of its bare render, wall seconds of an image, peak memory."""
    from blender_assets.render_scenes import RenderSpec, SceneRenderer

    photo = folder / f"room-{size[0]}.png"
    room = draw_room(np.random.default_rng(0))
    write_png(photo, cv2.resize(room, size, interpolation=cv2.INTER_CUBIC))
    out = Path(tempfile.mkdtemp(dir=folder))
    fields: dict[str, Any] = {"camera": CAMERA, "settings": SETTINGS, "seed": 0, "out": out, "scenes": []}
    spec = RenderSpec.model_validate(fields | {"background": photo, "body_basis": folder / "body_basis.npz"})
    renderer = SceneRenderer(spec)
    renderer.render(num_scenes)  # the first one loads kernels
    whole = bare = wall = 0.0
    for scene in range(num_scenes):
        cpu, started = time.process_time(), time.monotonic()
        renderer.render(scene)
        whole, wall = whole + time.process_time() - cpu, wall + time.monotonic() - started
        if has_bare:
            bare += _bare_cpu_s(renderer, scene)
    rss_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    costs = {"cpu_s": whole, "bare_cpu_s": bare, "wall_s": wall}
    return {name: value / num_scenes for name, value in costs.items()} | {"rss_gb": rss_gb}


def _bare_cpu_s(renderer: Any, scene: int) -> float:
    """One render of the whole scene at once, with its geometry loaded anew."""
    from blender_assets.blender import bpy

    stage = renderer.stage
    renderer.arrange(scene)
    for obj in [stage.floor, *stage.occluders]:
        obj.is_shadow_catcher, obj.is_holdout, obj.visible_camera = True, False, True
    for obj in [*stage.people, *stage.chairs]:
        obj.visible_camera = True
    render = stage.scene.render
    render.use_border, render.resolution_percentage = False, 100
    render.filepath = str(renderer.spec.out / "bare.exr")
    cpu = time.process_time()
    bpy.ops.render.render(write_still=True)
    return time.process_time() - cpu


def _start(
    folder: Path, size: tuple[int, int], num_scenes: int, *, has_bare: bool = False
) -> subprocess.Popen[str]:
    spec = json.dumps([str(folder), size, num_scenes, has_bare])
    command = [sys.executable, "-m", "tests.benches.bench_render", spec]
    environment = os.environ | dict.fromkeys(_LIMITS, "1")
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True
    )


def _finish(child: subprocess.Popen[str]) -> dict[str, float]:
    output, _ = child.communicate()
    assert child.returncode == 0, output[-2000:]
    return json.loads(output.splitlines()[-1])


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        # Blender floods stdout; a full pipe would stop the second of two children.
        answer = claim_stdout()
        place, wanted_size, count, is_bare_wanted = json.loads(sys.argv[1])
        result = measure(Path(place), tuple(wanted_size), count, has_bare=is_bare_wanted)
        print(json.dumps(result), file=answer)
