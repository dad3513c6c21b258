"""Steps: clean images soiled by trained networks, with levels as label maps: by DirtyGAN, and by the seed's baseline."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import Field

from blender_assets.soiling.levels import levels_of
from tasks.building.applied_network import AppliedNetworkConfig
from tasks.building.steps import step
from tasks.class_tables.known import LEVELS_TABLE, known_table
from tasks.formats.label_maps import LabelMapSet, new_array, read_label_maps, write_records
from tasks.formats.soiling_masks import read_masks
from tasks.soiling.soiled_names import renamed

if TYPE_CHECKING:
    from torch import Tensor

    from models.soiling.super_resolution.applying import Enlarger

# Images in -1..1 [b, 3, h, w], and the number of the first -> the same soiled, and their masks [b, 1, h, w].
Soil = Callable[["Tensor", int], tuple["Tensor", "Tensor"]]


class DirtyGanSoilingConfig(AppliedNetworkConfig):
    """How images pass through DirtyGAN."""

    seed: int = Field(default=0, ge=0)  # another one gives each image another of the masks


class BaselineSoilingConfig(AppliedNetworkConfig):
    """How images pass through the baseline."""

    # standard deviation of the gaussian over the segmenter's masks, at a quarter of the image's size
    smoothing_px: float = Field(default=4.0, ge=0)


@step("label-maps", libraries=("torch", "torchvision", "numpy", "opencv-python-headless"))
def soil_by_dirty_gan(
    out: Path,
    config: DirtyGanSoilingConfig,
    images: Path,
    masks: Path,
    dirty_gan: Path,
    super_resolution: Path,
) -> None:
    """Each image once, by one of the masks: images, levels of the mask as it was laid over them, `masks.npy`.

    Pixels whose mask is 0 are the input's. The networks work at a quarter of width and height.
    """
    import torch

    from models.soiling.baseline import soil_at_quarter_size
    from models.soiling.dirty_gan.applying import load_dirty_gan

    gan = load_dirty_gan(_read(dirty_gan, "dirty_gan"), device=config.device, precision=config.precision)
    enlarger = _load_enlarger(config, super_resolution)
    data, known = read_label_maps(images), read_masks(masks)
    order = np.random.default_rng(config.seed).permutation(len(data.records)) % len(known)

    def soil(part: "Tensor", first: int) -> tuple["Tensor", "Tensor"]:
        own = known[order[first : first + len(part)]]
        mask = torch.from_numpy(np.array(own))[:, None].to(gan.device)
        return soil_at_quarter_size(part, mask, soil=gan.soil, enlarge=enlarger)

    _write_soiled(out, config, data, soil, "dirty_gan")


@step("label-maps", libraries=("torch", "torchvision", "numpy", "opencv-python-headless"))
def soil_by_baseline(
    out: Path,
    config: BaselineSoilingConfig,
    images: Path,
    translator: Path,
    segmenter: Path,
    super_resolution: Path,
) -> None:
    """Each image once: (1 - m) I + m U(I_s) with m = gaussian(M(I_s)), levels of m, and m itself as `masks.npy`."""
    from models.arithmetic.devices import choose_device
    from models.arithmetic.precision import settle
    from models.soiling.baseline import Baseline
    from models.soiling.baseline import soil_by_baseline as soil
    from models.soiling.opacity import load_opacity
    from models.translation.refining import load_refiner

    place, arithmetic = choose_device(config.device), settle(config.precision, config.device)
    translate = load_refiner(_read(translator, "refiner"), place, arithmetic)
    opacity = load_opacity(_read(segmenter, "segmenter"), device=config.device, precision=config.precision)
    baseline = Baseline(
        translate=lambda images_bchw: translate(images_bchw).images.float(),
        opacity=opacity,
        enlarge=_load_enlarger(config, super_resolution),
        smoothing_px=config.smoothing_px,
    )
    _write_soiled(out, config, read_label_maps(images), lambda part, _: soil(baseline, part), "baseline")


def _write_soiled(
    out: Path, config: AppliedNetworkConfig, data: LabelMapSet, soil: Soil, ending: str
) -> None:
    shape = data.images.shape[:3]
    soiled, levels = new_array(out / "images.npy", (*shape, 3)), new_array(out / "labels.npy", shape)
    masks = new_array(out / "masks.npy", shape, np.float32)
    for start, images, own in _soiled_parts(config, data, soil):
        soiled[start : start + len(images)], masks[start : start + len(images)] = images, own
        for index, mask in enumerate(own, start=start):
            levels[index] = levels_of(mask)
    write_records(out, [renamed(record, ending) for record in data.records], known_table(LEVELS_TABLE))


def _soiled_parts(
    config: AppliedNetworkConfig, data: LabelMapSet, soil: Soil
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """The number of the first, images uint8 [b, h, w, 3], masks float32 [b, h, w]."""
    import torch

    from models.arithmetic.devices import choose_device
    from models.translation.image_sets import to_bchw
    from models.translation.images import to_bytes, to_floats

    torch.set_num_threads(config.threads)
    device = choose_device(config.device)
    with torch.inference_mode():
        for start in range(0, len(data.records), config.batch_size):
            part = to_bchw(np.array(data.images[start : start + config.batch_size])).to(device)
            images, masks = soil(to_floats(part), start)
            yield start, to_bytes(images).permute(0, 2, 3, 1).cpu().numpy(), masks[:, 0].cpu().numpy()


def _load_enlarger(config: AppliedNetworkConfig, folder: Path) -> "Enlarger":
    from models.soiling.super_resolution.applying import load_enlarger

    state = _read(folder, "super_resolution")
    return load_enlarger(state, device=config.device, precision=config.precision)


def _read(folder: Path, kind: str) -> dict[str, Any]:
    from models.training.checkpoints import load_checkpoint

    return load_checkpoint(folder / f"{kind}.pt", kind=kind)
