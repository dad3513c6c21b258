"""A folder of tiny images with label maps: a bright box or a dark disc on grey, in sequences of two frames."""

from pathlib import Path

import numpy as np
import yaml

from tasks.images.files import write_png

SIZE = 32
SEQUENCES = {"train": 3, "val": 1, "test": 4}
TABLE = {
    "labels": [
        {"name": "ground", "id": 0, "color": [128, 128, 128]},
        {"name": "box", "id": 1, "color": [250, 200, 40]},
        {"name": "disc", "id": 2, "color": [20, 20, 90]},
    ]
}
RUN = {
    "pipeline": "segment",
    "name": "tiny",
    "label_maps": {"folder": "street", "sequence_pattern": "^(.*)_[0-9]+$"},
    "segmenter": {
        "network": "erfnet",
        "width": 0.25,
        "num_classes": 3,
        "steps": 4,
        "batch_size": 2,
        "eval_every_steps": 2,
        "checkpoint_every_steps": 2,
    },
    "arms": {
        "all": {},
        "few": {"where": {"sequence": ["train_0"]}, "set": {"augmentation.photometric": None}},
    },
    "training": {"seeds": 2},
}

CYCLE = {
    "network": {
        "width": 0.25,
        "num_classes": 3,
        "epochs": None,
        "steps": 4,
        "batch_size": 2,
        "eval_every_steps": 2,
        "checkpoint_every_steps": 2,
    },
    "arms": {
        "none": {},
        "gaussian": {"noise": {"kind": "gaussian"}, "snr_of": {"kind": "quantization", "bits": 2}},
    },
    "partly": {"images_only": {"sequence": ["train_2"]}},
    "training": {"seeds": 1},
}

NIGHT = {
    "twins": {},  # no night of the same views is at hand: the images themselves
    "target": {"folder": {"folder": "drives", "layout": "unlabelled"}},
    "lighting": {},
    "converted": True,
    "translators": {
        "unit": {
            "family": "unit",
            "generator": {"filters": 2, "blocks": 1},
            "discriminator": {"filters": 2, "scales": [1, 2]},
            "epochs": None,
            "steps": 2,
        }
    },
    "features": {"network": "squeezenet1_1"},
    "arms": {
        "1.1": {"images": ["day"]},
        "3.1": {},
        "7.2": {
            "start": "3.1",
            "guess": {
                "choice": {"method": "mean", "count": 3, "features": {"network": "squeezenet1_1"}},
                "pseudo": {"least_confidence": 0.0},  # so short a training is sure of nothing
            },
            "set": {"losses.pixel": "combined"},
        },
    },
    "training": {"seeds": 1},
}


def draw_frame(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """An image uint8 [32, 32, 3] and its label map uint8 [32, 32]."""
    rows, columns = np.mgrid[:SIZE, :SIZE]
    labels = np.zeros((SIZE, SIZE), np.uint8)
    left, top, x, y = rng.integers(2, 20, 4)
    labels[top : top + 10, left : left + 10] = 1
    labels[(rows - y) ** 2 + (columns - x) ** 2 < 25] = 2
    image = np.choose(labels, [128, 230, 30])[..., None] + rng.integers(-9, 10, (SIZE, SIZE, 3))
    return image.astype(np.uint8), labels


def write_tiny_street(folder: Path, **changed: object) -> Path:
    """The images below `folder`/street and the run file over them, with its store beside."""
    rng = np.random.default_rng(0)
    for split, count in SEQUENCES.items():
        for number in range(2 * count):
            image, labels = draw_frame(rng)
            name = f"{split}_{number // 2}_{number % 2}.png"
            write_png(folder / "street" / split / "images" / name, image)
            write_png(folder / "street" / split / "labels" / name, labels)
    (folder / "street/classes.yaml").write_text(yaml.safe_dump(TABLE))
    content = RUN | {"store": str(folder / "store"), "output": str(folder / "runs")} | changed
    path = folder / "run.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def write_tiny_cycle(folder: Path) -> Path:
    """The same images with a run file of the pipeline `cycle_segmentation`."""
    path = write_tiny_street(folder)
    content = yaml.safe_load(path.read_text())
    for name in ("segmenter", "arms"):
        del content[name]
    content |= {"pipeline": "cycle_segmentation"} | CYCLE
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return path


def write_tiny_night(folder: Path) -> Path:
    """The same images by day, with drives that nobody labelled beside them, every second one dark, and a run file of the
    pipeline `night`.
    """
    path = write_tiny_street(folder)
    rng = np.random.default_rng(1)
    for number in range(12):
        image, _ = draw_frame(rng)
        write_png(folder / f"drives/{number:02d}.png", image // 8 if number % 2 else image)
    content = yaml.safe_load(path.read_text())
    content |= {"pipeline": "night"} | NIGHT
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return path
