"""Step: runs a trained segmenter and its cycle over a set of images."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tasks.building.applied_network import AppliedNetworkConfig
from tasks.building.steps import step
from tasks.cycle_segmentation.pictures import shown_images
from tasks.formats.label_maps import LabelMapSet, read_label_maps

if TYPE_CHECKING:
    from models.cycle_segmentation.applying import CycleSegmenter, Reconstructions


class CycleOutputsConfig(AppliedNetworkConfig):
    """How images pass through the networks."""

    seed: int = 0  # of the noise


@step("cycle-outputs", libraries=("torch", "torchvision", "numpy"))
def run_cycle(out: Path, config: CycleOutputsConfig, cycle: Path, images: Path) -> None:
    """`labels.npy` and `labels_with_void.npy` uint8 [n, h, w], void as 255; `chosen.json`: the checkpoint and its figures
    on R_val; `figures.json`: of every image PSNR, SNR, saturated share and the watermark's drop, none without a cycle;
    `pictures.npz`: both cycles of a few images, as `cycle_rows` takes them.
    """
    # Importing torch takes seconds: only a run that segments something pays for it.
    import torch

    from models.cycle_segmentation.applying import answer, load_cycle_segmenter
    from models.training.checkpoints import load_checkpoint

    torch.set_num_threads(config.threads)
    state = load_checkpoint(cycle / "cycle_segmenter.pt", kind="cycle_segmenter")
    applied = load_cycle_segmenter(state, device=config.device, precision=config.precision)
    data = read_label_maps(images)
    answers = answer(applied, np.asarray(data.images), seed=config.seed, batch_size=config.batch_size)
    np.save(out / "labels.npy", answers.labels_nhw)
    np.save(out / "labels_with_void.npy", answers.labels_with_void_nhw)
    chosen = {name: value for name, value in state["best"].items() if name != "network"}
    (out / "chosen.json").write_text(json.dumps(chosen), encoding="utf-8")
    figures = _figures(answers.reconstructions) if answers.reconstructions is not None else {}
    (out / "figures.json").write_text(json.dumps(figures), encoding="utf-8")
    if answers.reconstructions is not None:
        np.savez_compressed(out / "pictures.npz", **_pictures(applied, data, seed=config.seed))


def _figures(found: "Reconstructions") -> dict[str, Any]:
    """By name, a value an image; None where it is not finite, as the ratio of no noise."""
    values = {
        "psnr_db": found.psnr_db,
        "snr_db": found.snr_db,
        "saturated_share": found.saturated_share,
        "probe_drop_db": found.probe_drop_db,
    }
    return {
        name: [float(value) if np.isfinite(value) else None for value in each]
        for name, each in values.items()
    }


def _pictures(applied: "CycleSegmenter", data: LabelMapSet, *, seed: int) -> dict[str, np.ndarray]:
    from models.cycle_segmentation.applying import trace

    assert data.labels is not None, "only images with label maps are scored"
    traces = [
        trace(applied, np.asarray(data.images[index]), np.asarray(data.labels[index]), seed=seed)
        for index in shown_images(len(data.records))
    ]
    return {
        "reconstructed": np.stack([each.reconstruction_hwc for each in traces]),
        "from_labels": np.stack([each.synthetic_hwc for each in traces]),
        "labels_again": np.stack([each.resegmented_hw for each in traces]),
        "latent": np.stack([each.latent_shw for each in traces]).astype(np.float16),
        "noisy": np.stack([each.noisy_shw for each in traces]).astype(np.float16),
    }
