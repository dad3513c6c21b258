"""How images with label maps come into a run: from a user's folder, or from streets that are rendered for it."""

from pathlib import Path
from typing import Any

from flows.pipelines.journey import Start
from tasks.journeys import people
from tasks.journeys import segment as steps
from tasks.label_maps.config import LabelMapsConfig
from tasks.label_maps.planning import plan_label_maps
from tasks.label_maps.street_import import StreetImportConfig
from tasks.sites.sample_street import SampleStreetConfig, street_assembly, street_shards


def import_sets(
    label_maps: LabelMapsConfig | None, sample_street: SampleStreetConfig | None, start: Start
) -> dict[str, Any]:
    """R_train, R_val and R_test: of the user's folder, or of streets that are rendered for it."""
    if label_maps is not None:
        return {
            split.split: start(steps.import_label_maps, split, files, label=f"import R_{split.split}")
            for split, files in plan_label_maps(label_maps, Path())
        }
    assert sample_street is not None
    body = start(people.build_body_basis, label="body basis")
    shots = [
        start(
            steps.photograph_streets, shard, body, label=f"streets {shard.sequences[0]}-{shard.sequences[-1]}"
        )
        for shard in street_shards(sample_street)
    ]
    splits = street_assembly(sample_street).splits
    return {
        split: start(steps.import_streets, _streets_of(split, splits), shots, label=f"import R_{split}")
        for split in ("train", "val", "test")
    }


def _streets_of(split: str, splits: tuple[str, ...]) -> StreetImportConfig:
    return StreetImportConfig(
        split=split, sequences=tuple(number for number, own in enumerate(splits) if own == split)
    )
