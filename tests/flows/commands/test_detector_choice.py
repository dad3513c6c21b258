"""Detectors by file, key, or arm of a run."""

import json
from pathlib import Path

import pytest

from flows.commands.detector_choice import ChosenDetector, choose_detector
from tasks.artifacts.opening import StorePlace
from tasks.artifacts.recipe import Recipe, Ref
from tasks.artifacts.store import Store


def add_detector(store: Store, name: str, **inputs: Ref) -> Ref:
    recipe = Recipe("detector", {"of": name}, inputs, (), ())
    return store.obtain(recipe, lambda out: (out / "detector.pt").write_text(name)).ref


def add_run(store: Store, started: float, labels: dict[str, Ref], **config: object) -> None:
    artifacts = [{"kind": ref.kind, "key": ref.key, "label": label} for label, ref in labels.items()]
    artifacts.append({"kind": "detector", "key": "", "label": "train detector on S"})  # it failed
    record = {"run": "demo", "started": started, "artifacts": artifacts, "config": config}
    (store.root / "runs" / f"{started}.json").write_text(json.dumps(record))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """With the run `demo`, whose arms R_train and R_train:16 have two seeds each, after an older one."""
    store = Store(tmp_path / "store")
    heads = Recipe("detection-set", {"target": "head"}, {}, (), ())
    val = store.obtain(heads, lambda out: (out / "a.txt").write_text("x")).ref
    add_run(store, 1.0, {"train detector on R_train": add_detector(store, "old")})
    names = ("R_train, seed 3", "R_train, seed 16", "R_train:16, seed 3", "R_train + S+")
    add_run(store, 2.0, {f"train detector on {name}": add_detector(store, name, val=val) for name in names})
    return store


@pytest.mark.parametrize(
    ("model", "trained"),
    [
        ("demo:R_train", "R_train, seed 3"),
        ("demo:R_train:3", "R_train, seed 3"),
        ("demo:R_train:16", "R_train:16, seed 3"),  # the arm of that name before the seed
        ("demo:R_train:16:3", "R_train:16, seed 3"),
        ("demo:R_train + S+", "R_train + S+"),
    ],
)
def test_an_arm_is_that_of_the_newest_run_and_by_its_first_seed(store, model, trained):
    chosen = choose_detector(StorePlace(str(store.root)), model)
    assert chosen.path.read_text() == trained
    assert chosen.target == "head"


def test_a_key_names_a_detector_whose_target_may_be_unknown(store):
    old = add_detector(store, "old")
    chosen = choose_detector(StorePlace(str(store.root)), old.key[:12])
    assert (chosen.path.read_text(), chosen.key, chosen.target) == ("old", old.key, None)


def test_a_file_needs_no_store(tmp_path):
    (tmp_path / "a.pt").write_text("x")
    assert choose_detector(StorePlace(str(tmp_path / "nowhere")), str(tmp_path / "a.pt")) == ChosenDetector(
        tmp_path / "a.pt"
    )


@pytest.mark.parametrize("model", ["demo:S", "demo:R_train:4", "demo:"])
def test_an_arm_that_the_run_lacks_is_answered_with_those_that_it_has(store, model):
    known = "'demo:R_train:3', 'demo:R_train:16', 'demo:R_train:16:3', 'demo:R_train \\+ S\\+'$"
    with pytest.raises(ValueError, match=f"of the run 'demo'; its detectors are: {known}"):
        choose_detector(StorePlace(str(store.root)), model)


def test_a_sweep_has_no_single_detector_of_an_arm(store):
    add_run(store, 3.0, {}, sections=[])
    with pytest.raises(ValueError, match="'demo' is a sweep, each of whose points has its own detectors"):
        choose_detector(StorePlace(str(store.root)), "demo:R_train")
