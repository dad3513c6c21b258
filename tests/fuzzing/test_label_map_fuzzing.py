"""Spoilt folders of label maps are imported, or refused in one short line, in little time."""

import os
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from tasks.formats.label_maps import read_label_maps
from tasks.label_maps.config import LabelMapsConfig
from tasks.label_maps.importing import import_label_maps
from tasks.label_maps.planning import plan_label_maps
from tests.fuzzing.label_map_folders import KINDS, cityscapes, spoil

LONGEST_S = 5.0
NUM_QUICK, NUM_SLOW = 100, int(os.environ.get("VERISIM_FUZZ", "1500"))
SPLIT = {"train": ["*"]}


def import_all(folder: Path, out: Path, config: LabelMapsConfig) -> None:
    for split, files in plan_label_maps(config, folder, tell=lambda line: check_line(line, folder)):
        place = out / split.split
        place.mkdir(parents=True)
        import_label_maps.build(place, config=split, files=files)
        found = read_label_maps(place)
        assert found.images.shape[:1] == (len(found.records),)
        if found.labels is not None:
            assert found.table is not None
            values = np.unique(found.labels)
            assert set(values.tolist()) <= {*range(found.table.num_classes), 255}


def check_line(line: str, folder: Path) -> None:
    assert "\n" not in line and line.isprintable() and len(line.replace(str(folder), "")) <= 700, line


def survive(root: Path, seeds: range) -> dict[str, int]:
    """How many spoilt folders were imported, and how many refused."""
    counts = {"read": 0, "refused": 0}
    for seed in seeds:
        rng, folder, out = np.random.default_rng(seed), root / "in", root / "out"
        build = KINDS[seed % len(KINDS)]
        folder.mkdir()
        build(folder)
        spoil(folder, rng)
        encoding = (
            ("auto", "ids", "train_ids", "colors")[int(rng.integers(4))] if build is cityscapes else "auto"
        )
        started = time.process_time()
        try:
            import_all(folder, out, LabelMapsConfig(folder=".", split=SPLIT, encoding=encoding))
        except ValueError as error:
            check_line(str(error), folder)
            counts["refused"] += 1
        else:
            counts["read"] += 1
        assert time.process_time() - started < LONGEST_S, seed
        for place in (folder, out):
            shutil.rmtree(place, ignore_errors=True)
    return counts


@pytest.mark.parametrize("build", KINDS, ids=lambda build: build.__name__)
def test_whole_folders_are_imported(tmp_path, build):
    build(tmp_path)
    import_all(tmp_path, tmp_path / "out", LabelMapsConfig(folder=".", split=SPLIT))


def test_spoilt_folders_are_imported_or_refused_in_a_line(tmp_path):
    assert min(survive(tmp_path, range(NUM_QUICK)).values()) >= 15


@pytest.mark.slow
def test_many_spoilt_folders_are_imported_or_refused_in_a_line(tmp_path):
    assert min(survive(tmp_path, range(NUM_QUICK, NUM_QUICK + NUM_SLOW)).values()) >= NUM_SLOW // 8
