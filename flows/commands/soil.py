"""`python -m flows soil ...`: images with soiling before them and exact masks, in seconds and without training."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from blender_assets.lens.models import Lens
from blender_assets.site import load_site
from blender_assets.soiling.layers import KINDS
from flows.configuration.files import apply_overrides
from flows.configuration.mistakes import explain_mistakes
from tasks.datasets.readers.foreign_values import number
from tasks.soiling.clean_images import CleanSet, LabelMeaning, find_clean_images
from tasks.soiling.dirty_card import Lineage
from tasks.soiling.dirty_set import DirtySetConfig, write_dirty_set

# What readers of run files call what the command calls otherwise.
_WORDS = {
    "label_maps.folder names": "IMAGES is",
    "label_maps.classes": "--classes",
    "label_maps.encoding:": "--encoding",
}


@dataclass(frozen=True)
class SoilChoice:
    """What to draw: `kind` such as "mud,drops" or "mud:2,drops:1", `settings` as field=value of `DirtySetConfig`."""

    kind: str = "mud"
    amount: float = 0.3
    seed: int = 0
    variants: int = 1
    settings: Sequence[str] = ()


@dataclass(frozen=True)
class LensChoice:
    """A site file, and which of its cameras took the images; without one they are of a usual lens."""

    site: Path | None = None
    camera: str | None = None


def soil(images: Path, to: Path, choice: SoilChoice, lens: LensChoice, meaning: LabelMeaning) -> int:
    """Soiled images with masks and labels into a new folder; one line says what is there."""
    config = dirty_config(choice)
    try:
        clean = find_clean_images(images, meaning)
    except ValueError as error:
        raise ValueError(_in_words_of_the_command(str(error))) from None
    records = write_dirty_set(clean, _lenses(clean, lens), to, config)
    print(_line(to, clean, records))
    return 0


def dirty_config(choice: SoilChoice) -> DirtySetConfig:
    """ValueError in one line for a kind or a setting that there is not."""
    content: dict[str, Any] = {
        "soiling": {"kinds": _kinds(choice.kind), "amount": choice.amount},
        "seed": choice.seed,
        "variants": choice.variants,
    }
    apply_overrides(content, list(choice.settings))
    try:
        return DirtySetConfig.model_validate(content)
    except ValidationError as error:
        raise ValueError("; ".join(explain_mistakes(error))) from None


def _kinds(text: str) -> dict[str, float]:
    """mud,drops:2 -> a share for each; without one it is 1."""
    kinds: dict[str, float] = {}
    for part in text.split(","):
        kind, _, share = part.strip().partition(":")
        value = number(share) if share else 1.0
        if kind not in KINDS or value is None or kind in kinds:
            raise ValueError(
                f"--kind is {text!r}, but each of {', '.join(KINDS)} may be named once, with a share or without: mud,drops "
                "or mud:2,drops:1"
            )
        kinds[kind] = value
    return kinds


def _lenses(clean: CleanSet, choice: LensChoice) -> list[Lens | None]:
    """The named camera's, or that of the camera that each image is said to be of, or of a site's only one."""
    if choice.site is None:
        if choice.camera is not None:
            raise ValueError(f"--camera is {choice.camera}, but of which site? name it as --site SITE.yaml")
        return [None] * len(clean.images)
    cameras = load_site(choice.site).cameras
    only = next(iter(cameras)) if len(cameras) == 1 else None
    lenses: list[Lens | None] = []
    for name, own in (
        (image.name, choice.camera or clean.camera_of(image) or only) for image in clean.images
    ):
        if own not in cameras:
            raise ValueError(
                f"{choice.site} has the cameras {', '.join(cameras)}, but {name} is of {own or 'none that is said'}; name "
                "one of them as --camera"
            )
        lenses.append(cameras[own].lens)
    return lenses


def _in_words_of_the_command(message: str) -> str:
    for theirs, ours in _WORDS.items():
        message = message.replace(theirs, ours)
    return message


def _line(to: Path, clean: CleanSet, records: Sequence[Lineage]) -> str:
    amounts = sorted(record.amount for record in records)
    return (
        f"{to}: {len(records)} soiled images of {len(clean.images)} ({clean.about}), soiled in {amounts[0]:.0%} to "
        f"{amounts[-1]:.0%} of their pixels; card.json says how each was made"
    )
