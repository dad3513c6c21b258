"""Step: gives images the labels that a segmenter is sure of."""

from pathlib import Path

import numpy as np
from pydantic import Field

from tasks.building.applied_network import AppliedNetworkConfig
from tasks.building.steps import step
from tasks.formats.label_maps import new_array, read_label_maps, write_records
from tasks.formats.segmenters import read_trained_on


class PseudoLabelConfig(AppliedNetworkConfig):
    """How sure a segmenter must be, and how it is applied."""

    least_confidence: float = Field(default=0.9, ge=0, le=1)  # probability of the likeliest class
    kept_share: float = Field(default=0.5, gt=0, le=1)  # of the pixels of each class, the surest


@step("label-maps", libraries=("torch", "torchvision", "numpy"))
def pseudo_label_images(out: Path, config: PseudoLabelConfig, segmenter: Path, images: Path) -> None:
    """The images with the segmenter's labels, 255 where it is not sure; labels that they had are not looked at."""
    # Importing torch takes seconds: only a run that labels something pays for it.
    import torch

    from models.segmentation.applying import load_segmenter
    from models.segmentation.pseudo_labels import pseudo_label
    from models.training.checkpoints import load_checkpoint

    torch.set_num_threads(config.threads)
    state = load_checkpoint(segmenter / "segmenter.pt", kind="segmenter")
    applied = load_segmenter(state, device=config.device, precision=config.precision)
    seen = read_trained_on(state, num_classes=applied.config.num_classes, image_hw=applied.image_hw)
    data = read_label_maps(images)
    kept = new_array(out / "images.npy", data.images.shape)
    labels = new_array(out / "labels.npy", data.images.shape[:3])
    start = 0
    for found in pseudo_label(
        applied,
        data.images,
        least_confidence=config.least_confidence,
        kept_share=config.kept_share,
        batch_size=config.batch_size,
    ):
        part = slice(start, start + len(found))
        kept[part], labels[part], start = np.asarray(data.images[part]), found, part.stop
    write_records(out, list(data.records), seen.classes)
