"""Whatever stands in a file that is read: it is read, or refused in one line, in time, and nothing is written."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from flows.configuration.files import read_mapping
from flows.people.input_checks import check_inputs
from flows.people.run_files import load_run_config
from flows.pipelines.loading import load_run
from flows.sweeps.config import load_sweep
from models.detection.config import DetectorConfig, WeightsFile
from models.detection.weights import build_network, build_started_network
from tasks.datasets.layouts.annotation_layouts import find_dataset
from tasks.sites.backgrounds import list_backgrounds
from tests.flows.tiny_site import write_tiny_site
from tests.fuzzing.mutations import (
    Mutator,
    mutated_bytes,
    mutated_json,
    mutated_text,
    mutated_weights,
    mutated_xml,
    mutated_yaml,
    stacked,
)
from tests.tasks.datasets.layouts.test_annotation_layouts import (
    OUTLINE,
    POSE,
    TURNED,
    VOC,
    YOLO,
    coco,
    createml,
    data_yaml,
    tree,
)

LIMIT_S = 5  # of the processor, for one file
NUM_QUICK, NUM_SLOW = 100, int(os.environ.get("VERISIM_FUZZ", "1000"))
PLAIN = stacked(mutated_text, mutated_bytes)
JSON = stacked(mutated_json, mutated_text, mutated_bytes)
YAML = stacked(mutated_yaml, mutated_text, mutated_bytes)
XML = stacked(mutated_xml, mutated_text, mutated_bytes)


@dataclass(frozen=True)
class Reader:
    """What is damaged, how, and what reads it then: of the folder in which everything lies."""

    files: dict[str, str]
    damaged: str
    mutator: Mutator
    read: Callable[[Path], object]


def annotated(files: dict[str, str], damaged: str, mutator: Mutator, place: str) -> Reader:
    return Reader(files, damaged, mutator, lambda folder: find_dataset(folder / place))


BOXES = {
    "annotations": [
        {"id": 1, "image_id": 0, "category_id": 1, "bbox": [10, 20, 30, 40], "iscrowd": 0, "person_id": 3}
    ]
}
TURNED_BOXES = {
    "annotations": [{"image_id": 0, "category_id": 1, "bbox": [25, 40, 30, 40, 10.5], "visibility": 0.5}]
}
LAYOUT = {
    f"{split}/{kind}/a.{end}": text
    for split in ("train", "valid")
    for kind, end, text in (("images", "png", ""), ("labels", "txt", YOLO))
}
READERS: dict[str, Reader] = {
    "COCO": annotated(
        {"a.png": "", "b.png": "", "a.json": coco("a.png", "b.png", **BOXES)}, "a.json", JSON, "a.json"
    ),
    "COCO in a folder": annotated({"a.png": "", "a.json": coco("a.png", **BOXES)}, "a.json", JSON, "."),
    "rotated JSON": annotated(
        {"a.png": "", "a.json": coco("a.png", **TURNED_BOXES)}, "a.json", JSON, "a.json"
    ),
    "CreateML": annotated({"a.png": "", "a.json": createml("a.png")}, "a.json", JSON, "a.json"),
    "VOC": annotated({"a.png": "", "a.xml": VOC}, "a.xml", XML, "."),
    "YOLO": annotated(
        {"a.png": "", "a.txt": YOLO + OUTLINE + POSE, "classes.txt": "person\n"}, "a.txt", PLAIN, "."
    ),
    "rotated text": annotated({"a.png": "", "a.txt": TURNED * 3}, "a.txt", PLAIN, "."),
    "classes.txt": annotated(
        {"a.png": "", "a.txt": YOLO, "classes.txt": "head\nperson\n"}, "classes.txt", PLAIN, "."
    ),
    "data.yaml": annotated(
        LAYOUT
        | {"data.yaml": data_yaml(path=".", train="../train/images", val=["valid/images"], kpt_shape=[3, 3])},
        "data.yaml",
        YAML,
        "data.yaml",
    ),
    "data.yaml in a folder": annotated(
        LAYOUT | {"data.yaml": data_yaml(train="train.txt")}, "data.yaml", YAML, "."
    ),
    "list of images": annotated(
        LAYOUT
        | {
            "data.yaml": data_yaml(train="list.txt"),
            "list.txt": "train/images/a.png\n./valid/images/a.png\n",
        },
        "list.txt",
        PLAIN,
        "data.yaml",
    ),
    "obj.data": annotated(
        LAYOUT
        | {
            "obj.data": "classes = 1\ntrain = data/train.txt\nnames = data/obj.names\n",
            "obj.names": "person\n",
        }
        | {"train.txt": "data/train/images/a.png\n"},
        "obj.data",
        PLAIN,
        ".",
    ),
}


def site_reader(damaged: str, read: Callable[[Path], object]) -> Reader:
    return Reader({}, damaged, YAML, read)


def read_run(folder: Path) -> object:
    config = load_run_config(folder / "run.yaml", [])
    check_inputs([config])
    return config


CONFIGURED: dict[str, Reader] = {
    "site file": site_reader("site.yaml", lambda folder: list_backgrounds(folder / "site.yaml")),
    "run file": site_reader("run.yaml", read_run),
    "sweep file": site_reader("sweep.yaml", lambda folder: load_sweep(folder / "sweep.yaml", [])),
    "base of a sweep": site_reader("run.yaml", lambda folder: load_sweep(folder / "sweep.yaml", [])),
    "pretraining": site_reader("pretrain.yaml", lambda folder: load_run(folder / "pretrain.yaml", [])),
}
SWEEP = {
    "name": "small",
    "base": "run.yaml",
    "grid": {"training.refiner_seed": [0, 1], "refiner": ["refiner.yaml", {"epochs": 3}]},
    "set": {"arms": [["S"], ["R_train", "S+:10"]]},
}


@contextmanager
def time_limit() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError(f"it took more than {LIMIT_S} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, LIMIT_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def fuzz(reader: Reader, folder: Path, count: int) -> None:
    """Damage one file `count` times; says with which seed what went wrong. Some files are read, and some refused."""
    path = folder / reader.damaged
    whole = path.read_bytes()
    reader.read(folder)
    there = sorted(folder.rglob("*"))
    num_read = 0
    for seed in range(count):
        path.write_bytes(reader.mutator(whole, np.random.default_rng(seed)))
        try:
            with time_limit():
                reader.read(folder)
            num_read += 1
        except ValueError as error:
            assert str(error) and not set("\n\r") & set(str(error)), f"seed {seed}: {str(error)!r}"
            assert not isinstance(error, UnicodeError), f"seed {seed}: {error!r}"
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error!r} for {path.read_bytes()[:2000]!r}") from error
    assert sorted(folder.rglob("*")) == there
    assert 0 < num_read < count


@pytest.mark.parametrize("count", [NUM_QUICK, pytest.param(NUM_SLOW, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", READERS)
def test_damaged_annotations_are_read_or_refused_in_one_line(tmp_path, name, count):
    fuzz(READERS[name], tree(tmp_path, READERS[name].files), count)


@pytest.mark.parametrize("count", [NUM_QUICK, pytest.param(NUM_SLOW, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", CONFIGURED)
def test_a_damaged_configuration_is_read_or_refused_in_one_line(tmp_path, monkeypatch, capsys, name, count):
    write_tiny_site(tmp_path)
    (tmp_path / "refiner.yaml").write_text("epochs: 2\n")
    (tmp_path / "sweep.yaml").write_text(yaml.safe_dump(SWEEP))
    content = read_mapping(Path("flows/configs/pretraining/people_synthetic.yaml"))
    (tmp_path / "pretrain.yaml").write_text(yaml.safe_dump(content))
    monkeypatch.chdir(tmp_path)
    fuzz(CONFIGURED[name], tmp_path, count)


@pytest.mark.parametrize("count", [NUM_QUICK, pytest.param(NUM_SLOW, marks=pytest.mark.slow)])
def test_damaged_weights_are_read_or_refused_in_one_line(tmp_path, count):
    config = DetectorConfig(weights=WeightsFile(path=str(tmp_path / "a.pt")))
    torch.manual_seed(0)
    content = {"kind": "detector", "best": {"network": build_network(config).state_dict(), "step": 3}}
    torch.save(content, tmp_path / "a.pt")
    mutator = stacked(mutated_weights, mutated_bytes)
    fuzz(Reader({}, "a.pt", mutator, lambda _: build_started_network(config)), tmp_path, count)
