"""A folder of small clean images with label maps, and a run file of the pipeline `soiling` that draws dirt over them."""

from pathlib import Path

import numpy as np
import yaml

from tasks.images.files import write_png
from tests.flows.tiny_street import RUN, SEQUENCES, TABLE, draw_frame

SCALE = 4  # of the frames: a quarter of their size must still have 32 pixels
SHORT = {"steps": 2, "eval_every_steps": 2, "checkpoint_every_steps": 2, "batch_size": 2}
SEGMENTER = {"network": "erfnet", "width": 0.25, **SHORT}
GENERATOR = {"filters": 2, "blocks": 1}
RUN_OF_SOILING = {
    "pipeline": "soiling",
    "name": "tiny",
    "label_maps": RUN["label_maps"],
    "stand_in": {"soiling": {"kinds": {"mud": 1}}, "amounts": [0.3, 0.5], "further_masks": 6},
    "segmenter": {**SEGMENTER, "num_classes": 4, "losses": {"pixel": "binary"}},
    "mask_vae": {"size_px": 32, "codes": 4, "filters": 2, **SHORT},
    "masks": {"count": 6, "walk_stops": 3, "walk_frames_between": 2, "smoothing_px": 1},
    "super_resolution": {"filters": 4, "blocks": 1, "crop_px": 32, **SHORT},
    "translator": {
        "generator": GENERATOR,
        "discriminator": {"filters": 2},
        "epochs": None,
        "steps": 2,
        "checkpoint_every_steps": 2,
    },
    "dirty_gan": {
        "generator": GENERATOR,
        "discriminator": {"filters": 2, "last_stride": 1},
        "smoothing_px": 1,
        **SHORT,
    },
    "realism": {"crop_px": 32},
    "degradation": {"segmenter": {**SEGMENTER, "num_classes": 3}},
    "training": {"seeds": 1},
}


def write_tiny_soiling(folder: Path) -> Path:
    """The images below `folder`/street and the run file over them, with its store beside."""
    rng = np.random.default_rng(0)
    for split, count in SEQUENCES.items():
        for number in range(2 * count):
            for kind, pixels in zip(("images", "labels"), draw_frame(rng), strict=True):
                name = f"{split}_{number // 2}_{number % 2}.png"
                large = pixels.repeat(SCALE, axis=0).repeat(SCALE, axis=1)
                write_png(folder / "street" / split / kind / name, large)
    (folder / "street/classes.yaml").write_text(yaml.safe_dump(TABLE))
    path = folder / "run.yaml"
    places = {"store": str(folder / "store"), "output": str(folder / "runs")}
    path.write_text(yaml.safe_dump(RUN_OF_SOILING | places, sort_keys=False))
    return path
