"""The card of a soiled set: what was drawn, from which image each one was made, and how much of it is soiled."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from blender_assets.lens.models import Lens
from blender_assets.soiling.layers import TYPE_IDS
from blender_assets.soiling.levels import LEVEL_ALPHAS
from tasks.artifacts.canonical import digest_file
from tasks.class_tables.known import LEVELS_TABLE, known_table
from tasks.exporting.woodscape import ALPHA_STEPS
from tasks.label_maps.annotated import LabelledImage
from tasks.soiling.clean_images import CleanSet
from tasks.soiling.soiled_image import SoiledImage


@dataclass(frozen=True)
class Lineage:
    """Where a soiled image comes from: its source with the digest of its file, and its pattern's seed.

    `amount` is of the pixels that the lens lights up; `levels` are of all, as are `types`, of which clear ones are none.
    `lens` as a site file has it, None where it was not known.
    """

    name: str
    source: str
    source_sha256: str
    sequence: str
    split: str
    variant: int
    seed: int
    lens: dict[str, Any] | None
    amount: float
    levels: dict[str, float]
    types: dict[str, float]


def lineage_of(
    name: str, source: LabelledImage, variant: int, soiled: SoiledImage, lens: Lens | None
) -> Lineage:
    """The record of one soiled image; its source's file is read again for the digest."""
    levels = known_table(LEVELS_TABLE).class_names()
    return Lineage(
        name=name,
        source=source.name,
        source_sha256=digest_file(source.image),
        sequence=source.sequence,
        split=source.split,
        variant=variant,
        seed=soiled.seed,
        lens=None if lens is None else lens.model_dump(mode="json", exclude_none=True),
        amount=round(soiled.amount, 4),
        levels={level: _share(soiled.levels == number) for number, level in enumerate(levels)},
        types={kind: share for kind, number in TYPE_IDS.items() if (share := _share(soiled.types == number))},
    )


def _share(mask: np.ndarray) -> float:
    return round(float(mask.mean()), 4)


def write_dirty_card(
    out: Path, clean: CleanSet, settings: dict[str, Any], records: Sequence[Lineage]
) -> None:
    """`card.json` into the folder of a soiled set; `settings` draw it again from the same images."""
    content = {
        "form": "WoodScape soiling: rgbImages, gtLabels (levels), rgbLabels; alpha and types beside them",
        "made_by": "procedural soiling: no photograph of soiling is in it",
        "source": clean.about,
        "settings": settings,
        "levels": {
            name: {"value": number, "opacity_above": (0.0, *LEVEL_ALPHAS)[number]}
            for number, name in enumerate(known_table(LEVELS_TABLE).class_names())
        },
        "types": {"clean": 0, **TYPE_IDS},
        "alpha_of_1": ALPHA_STEPS,
        # Variants of one image belong into one split.
        "sequence_pattern": r"^(.*?)(?:_v\d+)?$",
        "images": [asdict(record) for record in records],
    }
    (out / "card.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
