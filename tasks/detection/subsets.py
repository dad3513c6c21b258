"""Takes a number of images out of a prepared detection set: evenly over its clips, and smaller numbers out of larger."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from tasks.building.steps import step
from tasks.formats.detection_sets import read_set


class SubsetConfig(BaseModel):
    """How many images are taken."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    count: int = Field(ge=1)


@step("detection-subset", libraries=("numpy",))
def take_subset(out: Path, config: SubsetConfig, images: Path) -> None:
    """A detection set of `count` of the images, in their order. ValueError where there are fewer, or no box is left."""
    pixels, records = read_set(images)
    if config.count > len(records):
        raise ValueError(
            f"an arm asks for {config.count} images of this part, but it has {len(records)}; ask for fewer, or "
            "make more"
        )
    chosen = choose_evenly([record.clip for record in records], config.count)
    taken = [records[index] for index in chosen]
    if not any(record.boxes_xyxy for record in taken):
        raise ValueError(f"none of the {config.count} images taken of this part has a box; ask for more")
    np.save(out / "images.npy", pixels[chosen])
    (out / "images.json").write_text(json.dumps([asdict(record) for record in taken]), encoding="utf-8")


def choose_evenly(clips: Sequence[str], count: int) -> list[int]:
    """Ascending indices of `count` images, given the clip of each: equally many of every clip, spread over it.

    Nested: those of a smaller count are among those of a larger one.
    """
    members: dict[str, list[int]] = {}
    for index, clip in enumerate(clips):
        members.setdefault(clip, []).append(index)
    in_turn = [list(members.values())[number] for number in _spread(len(members))]
    ranked = [
        (rank, turn, indices[place])
        for turn, indices in enumerate(in_turn)
        for rank, place in enumerate(_spread(len(indices)))
    ]
    return sorted(index for *_, index in sorted(ranked)[:count])


def _spread(count: int) -> list[int]:
    """0 .. count - 1 in the order of their reversed bits: the first ones of any number lie evenly."""
    width = max(1, (count - 1).bit_length())
    return sorted(range(count), key=lambda number: f"{number:0{width}b}"[::-1])
