"""A site small enough for tests: one drawn background and six drawn "real" images."""

import json
from pathlib import Path

import cv2
import numpy as np
import yaml

from tasks.images.files import write_png

SIZE = 96


def draw_room(rng: np.random.Generator) -> np.ndarray:
    """A textured floor in a lens circle, uint8 [SIZE, SIZE, 3]."""
    floor = cv2.GaussianBlur(rng.normal(120, 40, (SIZE, SIZE, 3)), (0, 0), 2) + 20
    rows, columns = np.mgrid[:SIZE, :SIZE] + 0.5
    outside = np.hypot(rows - SIZE / 2, columns - SIZE / 2) > SIZE / 2
    floor[outside] = 0
    return np.clip(floor, 0, 255).astype(np.uint8)


def write_tiny_site(folder: Path) -> Path:
    """One background, six "real" drawings of heads in three clips, and a run configuration that takes seconds."""
    rng = np.random.default_rng(0)
    write_png(folder / "empty.png", draw_room(rng))
    images, annotations = [], []
    for number in range(6):
        picture = draw_room(rng)
        x, y = (int(value) for value in rng.integers(25, 71, 2))
        cv2.ellipse(picture, (x, y), (14, 9), 30, 0, 360, (60, 60, 150), -1)
        cv2.circle(picture, (x, y), 6, (40, 20, 20), -1)
        name = f"clip{number // 2}_{number:03d}.png"
        write_png(folder / "real" / name, picture)
        images.append({"id": number, "file_name": name, "width": SIZE, "height": SIZE})
        box = [x - 6, y - 6, 13, 13]
        annotations.append({"id": number, "image_id": number, "category_id": 1, "bbox": box})
    content = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "head"}]}
    (folder / "real.json").write_text(json.dumps(content))
    (folder / "site.yaml").write_text(yaml.safe_dump(SITE))
    path = folder / "run.yaml"
    path.write_text(yaml.safe_dump(RUN | {"store": str(folder / "store"), "output": str(folder / "runs")}))
    return path


SITE = {
    "name": "tiny room",
    "cameras": {
        "top": {
            "lens": {"model": "fisheye_equidistant", "fov_deg": 180},
            "height_m": 2.8,
            "floor": {"radius_m": 2.5},
            "occluders": [{"height_m": 0.74, "polygon_px": [[20, 30], [35, 30], [35, 40], [20, 40]]}],
        }
    },
    "backgrounds": [{"image": "empty.png", "camera": "top"}],
}

RUN = {
    "name": "tiny",
    "site": "site.yaml",
    "real_images": {"annotations": "real.json", "images": "real", "split": "clip"},
    "render": {
        "scenes_per_background": 2,
        "scenes_per_shard": 2,
        "settings": {"samples": 2, "standing_people": [2, 2], "sitting_people": [0, 0]},
    },
    "crops": {"size_px": 32},
    "refiner": {
        "epochs": 8,
        "generator": {"filters": 4, "blocks": 1},
        "discriminator": {"filters": 4},
        "checkpoint_every_steps": 2,
        "report_every_steps": 2,
    },
    "detection": {"input_width_px": 96, "input_height_px": 96, "min_visibility": 0.1},
    "detector": {
        "steps": 6,
        "batch_size": 2,
        "eval_every_steps": 3,
        "checkpoint_every_steps": 2,
        "report_every_steps": 2,
    },
    "training": {"detector_seeds": 1},
}
