"""What refining and reinserting costs, from PNGs to PNGs, as the two steps of the journey do it."""

import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from models.training.checkpoints import State, save_checkpoint
from tasks.crops.cropping import CropConfig, extract_crops
from tasks.crops.refining import RefiningConfig, refine_crops
from tasks.crops.reinsertion import ReinsertionConfig, reinsert_crops
from tasks.datasets.annotations import AnnotatedImage, Annotation, write_coco
from tasks.images.files import write_png

_SCENES, _PEOPLE, _SCENE_HW = 8, 5, (1080, 1920)


def reinsert_crops_per_cpu_s(refiner: State) -> float:
    """Crops a CPU-second through the steps that refine and reinsert, from PNGs of 1920 x 1080 to PNGs, 5 people each."""
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory(prefix="verisim-bench-") as name:
        scenes, crops, weights, refined, out = (
            Path(name) / part for part in ("scenes", "crops", "refiner", "refined", "out")
        )
        for folder in (scenes, crops, refined, out):
            folder.mkdir()
        save_checkpoint(weights / "refiner.pt", refiner)
        _write_scenes(scenes)
        extract_crops.build(crops, CropConfig(size_px=64), images=[scenes])
        started = time.process_time()
        refine_crops.build(refined, RefiningConfig(device="cpu"), crops=crops, refiner=weights)
        reinsert_crops.build(out, ReinsertionConfig(), scenes=scenes, crops=crops, refined=refined)
        return _SCENES * _PEOPLE / (time.process_time() - started)


def _write_scenes(folder: Path) -> None:
    """Smooth surfaces with a sensor's noise, and ellipses for people."""
    rng, (height, width) = np.random.default_rng(0), _SCENE_HW
    images = []
    for scene in range(_SCENES):
        coarse = rng.integers(0, 256, (height // 60, width // 60, 3), dtype=np.uint8)
        smooth = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
        noise = rng.normal(0, 2, smooth.shape)
        write_png(folder / f"images/{scene}.png", np.clip(smooth + noise, 0, 255).astype(np.uint8))
        mask, heads = np.zeros(_SCENE_HW, np.uint8), []
        for person in range(1, _PEOPLE + 1):
            x, y = (int(rng.integers(30, side - 30)) for side in (width, height))
            cv2.ellipse(mask, (x, y), (20, 40), 0, 0, 360, person, -1)
            heads.append(Annotation("head", (x - 10.0, y - 10.0, x + 10.0, y + 10.0), person))
        write_png(folder / f"masks/{scene}.png", mask)
        images.append(
            AnnotatedImage(
                f"images/{scene}.png",
                width,
                height,
                (width / 2, height / 2),
                tuple(heads),
                mask_name=f"masks/{scene}.png",
            )
        )
    write_coco(folder / "annotations.json", images)
