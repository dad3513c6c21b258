"""Step: makes images of night of images of day, or the other way, with the labels that these have."""

from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Literal

from tasks.building.applied_network import AppliedNetworkConfig
from tasks.building.steps import step
from tasks.formats.label_maps import LabelMapRecord, new_array, read_label_maps, write_records


class TranslationConfig(AppliedNetworkConfig):
    """How images pass through a translator."""

    direction: Literal["a_to_b", "b_to_a"] = "a_to_b"  # of its domains: source to target, or back
    condition: str = "night"  # of what comes out, for records and names


@step("label-maps", libraries=("torch", "numpy"))
def translate_images(out: Path, config: TranslationConfig, images: Path, translator: Path) -> None:
    """The set with translated images, the same label maps and depth, and records that name the new condition."""
    # Importing torch takes seconds: only a run that translates something pays for it.
    import torch

    from models.arithmetic.devices import choose_device
    from models.arithmetic.precision import settle
    from models.training.checkpoints import load_checkpoint
    from models.translation.refining import load_refiner, refine_parts
    from models.translation.sources import FileSource

    torch.set_num_threads(config.threads)
    device = choose_device(config.device)
    state = load_checkpoint(translator / "refiner.pt", kind="refiner")
    translate = load_refiner(state, device, settle(config.precision, config.device), config.direction)
    data = read_label_maps(images)
    translated, start = new_array(out / "images.npy", data.images.shape), 0
    for part in refine_parts(
        translate, FileSource([images / "images.npy"]), device, batch_size=config.batch_size
    ):
        translated[start : start + len(part)], start = part, start + len(part)
    for name, array in data.arrays().items():
        if name != "images":
            new_array(out / f"{name}.npy", array.shape, array.dtype)[:] = array
    write_records(out, [_renamed(record, config.condition) for record in data.records], data.table)


def _renamed(record: LabelMapRecord, condition: str) -> LabelMapRecord:
    path = PurePosixPath(record.name)
    return replace(record, name=str(path.with_stem(f"{path.stem}_as_{condition}")), condition=condition)
