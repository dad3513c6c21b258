"""Runs a trained segmenter over a set of images."""

import json
from pathlib import Path

import numpy as np

from tasks.building.applied_network import AppliedNetworkConfig
from tasks.building.steps import step
from tasks.formats.label_maps import read_label_maps


class SegmentingConfig(AppliedNetworkConfig):
    """How images pass through the segmenter."""


@step("segmentations", libraries=("torch", "torchvision", "numpy"))
def segment_images(out: Path, config: SegmentingConfig, segmenter: Path, images: Path) -> None:
    """`labels.npy` uint8 [n, h, w] of the images' classes, and `chosen.json`: the checkpoint and its figures on R_val."""
    # Importing torch takes seconds: only a run that segments something pays for it.
    import torch

    from models.segmentation.applying import load_segmenter, segment
    from models.training.checkpoints import load_checkpoint

    torch.set_num_threads(config.threads)
    state = load_checkpoint(segmenter / "segmenter.pt", kind="segmenter")
    applied = load_segmenter(state, device=config.device, precision=config.precision)
    labels = segment(applied, np.asarray(read_label_maps(images).images), batch_size=config.batch_size)
    np.save(out / "labels.npy", labels)
    chosen = {name: value for name, value in state["best"].items() if name != "network"}
    (out / "chosen.json").write_text(json.dumps(chosen), encoding="utf-8")
