"""Pictures of the report: what each arm makes of an image, and both cycles with what they hide."""

from pathlib import Path

import numpy as np

from tasks.class_tables.table import IGNORED, color_lookup
from tasks.formats.label_maps import LabelMapSet
from tasks.report.panels import Picture, picture

SHOWN = 4  # images, evenly over the test
_HIDDEN_GAIN = 8.0  # of what lies below the visible in a latent map


def shown_images(count: int) -> list[int]:
    """Which of `count` images pictures are made of."""
    return np.unique(np.linspace(0, count - 1, SHOWN).astype(int)).tolist()


def segmentation_rows(outputs: dict[str, Path], test: LabelMapSet) -> list[list[Picture]]:
    """The paper's figure 3: an image, what the first segmenter of each arm says, and the truth."""
    found = {arm: np.load(folder / "labels.npy", mmap_mode="r") for arm, folder in outputs.items()}
    return [_segmentation_row(found, test, index) for index in shown_images(len(test.records))]


def _segmentation_row(found: dict[str, np.ndarray], test: LabelMapSet, index: int) -> list[Picture]:
    assert test.labels is not None and test.table is not None
    colors, truth = color_lookup(test.table), np.asarray(test.labels[index])
    row = [picture(np.asarray(test.images[index]), test.records[index].name)]
    for arm, labels in found.items():
        known = truth != IGNORED
        share = float((labels[index] == truth)[known].mean()) if known.any() else 0.0
        row.append(picture(colors[labels[index]], f"{arm}: {share:.0%} of pixels right"))
    return [*row, picture(colors[truth], "truth")]


def cycle_rows(folder: Path, test: LabelMapSet) -> list[list[Picture]]:
    """The paper's figure 1, both cycles of each shown image; and what the latent map hides.

    `folder` has `pictures.npz` with an entry an image of `shown_images`: `reconstructed`, `from_labels` uint8
    [k, h, w, 3], `labels_again` uint8 [k, h, w], `latent` and `noisy` float16 [k, S, h, w].
    """
    assert test.table is not None and test.labels is not None
    colors = color_lookup(test.table)
    with np.load(folder / "pictures.npz") as data:
        arrays = {name: _exact(data[name]) for name in data.files}
    rows = []
    for number, index in enumerate(shown_images(len(test.records))):
        image = np.asarray(test.images[index])
        rows.append(
            [
                picture(image, "image"),
                picture(arrays["reconstructed"][number], "given back (forward cycle)"),
                picture(colors[np.asarray(test.labels[index])], "label map"),
                picture(arrays["from_labels"][number], "image of the label map"),
                picture(colors[arrays["labels_again"][number]], "labels again (backward cycle)"),
                picture(
                    hidden_pattern(arrays["latent"][number]), f"hidden in the latent map, x {_HIDDEN_GAIN:g}"
                ),
                picture(
                    difference(arrays["latent"][number], arrays["noisy"][number]), "taken away by the noise"
                ),
            ]
        )
    return rows


def _exact(array: np.ndarray) -> np.ndarray:
    """Half precision is for files alone."""
    return array.astype(np.float32) if array.dtype == np.float16 else array


def hidden_pattern(latent_shw: np.ndarray) -> np.ndarray:
    """uint8 [h, w, 3]: what a latent map has beside its own blurred form, enlarged; grey is nothing.

    A watermark is a fine pattern of small values: a segmentation needs none within a region of one class.
    """
    import cv2

    mean = np.stack([cv2.blur(channel, (5, 5)) for channel in latent_shw.astype(np.float32)])
    strength = (latent_shw - mean).mean(axis=0)
    return _as_grey(_HIDDEN_GAIN * strength / max(1e-6, float(np.abs(latent_shw).max())))


def difference(latent_shw: np.ndarray, noisy_shw: np.ndarray) -> np.ndarray:
    """uint8 [h, w, 3]: mean over classes of what the noise changed; grey is nothing."""
    change = (noisy_shw - latent_shw).mean(axis=0)
    return _as_grey(change / max(1e-6, float(np.abs(latent_shw).max())))


def class_colors(test: LabelMapSet) -> dict[str, str]:
    """By class, for the web."""
    assert test.table is not None
    colors = color_lookup(test.table)
    names = test.table.class_names()
    return {name: "#{:02x}{:02x}{:02x}".format(*colors[index]) for index, name in enumerate(names)}


def _as_grey(values_hw: np.ndarray) -> np.ndarray:
    """Of values in -1..1."""
    grey = np.rint(127.5 + 127.5 * np.clip(values_hw, -1, 1)).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)
