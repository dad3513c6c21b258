"""A stand-in for drives that nobody labelled: rendered streets by day, dusk and night. Never real, and called so."""

import json
import shutil
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from blender_assets.sample_street.settings import StreetSettings
from tasks.building.child_process import run_child
from tasks.building.steps import step

_SILENCE_S = 300.0
_FOLDERS = ("images", "labels", "instances", "depth")  # as the child names them


class SampleStreetConfig(BaseModel):
    """How many streets there are, and which of them are held out: a street is in one split alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # streets for R_val, on which checkpoints are chosen
    val_sequences: int = Field(default=2, ge=1)
    test_sequences: int = Field(default=8, ge=1)  # intervals are over streets: of fewer they say little
    # streets rendered by one child process, and kept as one artifact
    sequences_per_shard: int = Field(default=2, ge=1)
    seed: int = Field(default=1, ge=0)  # another one has other streets
    settings: StreetSettings = StreetSettings()  # what the streets are like, and how they are photographed

    @model_validator(mode="after")
    def _leaves_streets_to_train_on(self) -> "SampleStreetConfig":
        held_out = self.val_sequences + self.test_sequences
        if held_out >= self.settings.sequences:
            raise ValueError(
                f"val_sequences + test_sequences is {held_out}, but settings.sequences is {self.settings.sequences}; "
                "raise settings.sequences, so that at least one is left to train on"
            )
        return self

    def split_of(self, sequence: int) -> str:
        """Streets are spread evenly by their numbers, so that any run of them has all kinds."""
        if sequence < self.test_sequences:
            return "test"
        return "val" if sequence < self.test_sequences + self.val_sequences else "train"


class StreetShard(BaseModel):
    """What decides the photos of some streets."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sequences: tuple[int, ...]
    seed: int
    settings: StreetSettings


class StreetAssembly(BaseModel):
    """The split of each street."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    splits: tuple[str, ...]


def street_shards(config: SampleStreetConfig) -> list[StreetShard]:
    """In the order of their numbers; how many streets there are in all decides none of them."""
    count, size = config.settings.sequences, config.sequences_per_shard
    settings = config.settings.model_copy(update={"sequences": 1})
    parts = [tuple(range(start, min(start + size, count))) for start in range(0, count, size)]
    return [StreetShard(sequences=part, seed=config.seed, settings=settings) for part in parts]


def street_assembly(config: SampleStreetConfig) -> StreetAssembly:
    return StreetAssembly(splits=tuple(config.split_of(k) for k in range(config.settings.sequences)))


@step("street-shots", libraries=("bpy", "numpy", "opencv-python-headless", "openexr"))
def photograph_streets(out: Path, config: StreetShard, body_basis: Path) -> None:
    """images/*.jpg, and of the same names labels/*.png (8 bits, train ids, 255 for none), instances/*.png (16 bits) and
    depth/*.png (16 bits, centimetres along the camera's axis, 0 for the sky); street.json with a record of each photo.
    """
    spec = {
        "body_basis": str(body_basis / "body_basis.npz"),
        "settings": config.settings.model_dump(mode="json"),
        "seed": config.seed,
        "sequences": list(config.sequences),
        "out": str(out),
        "threads": 1,
    }
    run_child("blender_assets.sample_street", spec, timeout_s=_SILENCE_S)


@step("sample-street", libraries=())
def assemble_sample_street(out: Path, config: StreetAssembly, shards: list[Path]) -> None:
    """The shards as one folder; street.json says the split of every photo."""
    photos: list[dict[str, Any]] = []
    for folder in _FOLDERS:
        (out / folder).mkdir(parents=True)
    for shard in shards:
        for folder in _FOLDERS:
            for path in sorted((shard / folder).iterdir()):
                shutil.copyfile(path, out / folder / path.name)
        for record in json.loads((shard / "street.json").read_text(encoding="utf-8"))["photos"]:
            photos.append(record | {"split": config.splits[record["sequence"]]})
    (out / "street.json").write_text(json.dumps({"photos": photos}, indent=1), encoding="utf-8")
