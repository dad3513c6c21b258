"""Step: takes some images out of a set with label maps, by what their records say."""

from dataclasses import asdict
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from tasks.building.steps import step
from tasks.formats.label_maps import LabelMapRecord, read_label_maps, write_part
from tasks.formats.record_patterns import Patterns, matches


class SelectionConfig(BaseModel):
    """Which images are taken: those that fit `where`, but for those that fit one of `but`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    where: Patterns = {}
    but: tuple[Patterns, ...] = ()

    def takes(self, record: LabelMapRecord) -> bool:
        return matches(record, self.where) and not any(matches(record, patterns) for patterns in self.but)


@step("label-maps", libraries=("numpy",))
def select_label_maps(out: Path, config: SelectionConfig, images: Path) -> None:
    """The same files as the set has, of fewer images. ValueError where none fits."""
    data = read_label_maps(images)
    chosen = [index for index, record in enumerate(data.records) if config.takes(record)]
    if not chosen:
        raise ValueError(
            f"no image fits {_said(config)}; the first of {len(data.records)} is {asdict(data.records[0])}"
        )
    write_part(out, data, chosen)


def _said(config: SelectionConfig) -> str:
    but = "".join(f" but {dict(patterns)}" for patterns in config.but)
    return f"{dict(config.where) or 'any pattern'}{but}"
