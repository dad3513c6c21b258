"""Which detector a person means: a file, the key of an artifact, or the arm of a run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.artifacts.lookup import find_artifact, run_records
from tasks.artifacts.manifest import Manifest
from tasks.artifacts.opening import StorePlace
from tasks.artifacts.store import Store
from tasks.detection.arms import detector_label


@dataclass(frozen=True)
class ChosenDetector:
    """A detector's file; of one in the store also its key, and the kind of box it finds if that is still known."""

    path: Path
    key: str | None = None
    target: str | None = None


def choose_detector(place: StorePlace, model: str) -> ChosenDetector:
    """`model`: a file, a key's first digits, RUN:ARM (the first seed of the newest run) or RUN:ARM:SEED."""
    if Path(model).is_file():
        return ChosenDetector(Path(model))
    if model.endswith((".pt", ".onnx")):
        raise ValueError(
            f"there is no file {model}; give a detector's file, RUN:ARM, or a key that `artifacts ls` lists"
        )
    store = place.open_existing()
    manifest = find_artifact(store, _key_of_run(store, model) if ":" in model else model)
    if manifest.kind != "detector":
        raise ValueError(
            f"the artifact {manifest.key[:12]} is of the kind {manifest.kind}, but a detector is needed; "
            "`artifacts ls` lists the kinds"
        )
    ref = store.find(manifest.key)
    if ref is None:
        raise ValueError(f"the detector {manifest.key[:12]} is gone or damaged; run its configuration again")
    return ChosenDetector(store.folder(ref) / "detector.pt", manifest.key, _target(store, manifest))


def _target(store: Store, detector: Manifest) -> str | None:
    """The box that was annotated in the images it was validated on, unless these were collected as garbage."""
    keys = detector.input_keys.get("val", ())
    validation = store.manifest(keys[0]) if keys else None
    return None if validation is None else validation.parts["config"]["target"]


def _key_of_run(store: Store, model: str) -> str:
    name, _, arm = model.partition(":")
    record = run_records(store, name)[0]
    if "sections" in (record.get("config") or {}):
        raise ValueError(
            f"{name!r} is a sweep, each of whose points has its own detectors; give the key of one, which `artifacts ls` "
            "lists"
        )
    keys = _keys_by_label(record)
    for label in _labels(arm, list(keys)):
        if label in keys:
            return keys[label]
    start = detector_label("", None)
    known = ", ".join(repr(f"{name}:{label.removeprefix(start)}".replace(", seed ", ":")) for label in keys)
    raise ValueError(f"{model!r} asks for {arm!r} of the run {name!r}; its detectors are: {known or 'none'}")


def _keys_by_label(record: dict[str, Any]) -> dict[str, str]:
    """Of the detectors that the run has."""
    found = (item for item in record["artifacts"] if item["kind"] == "detector" and item.get("key"))
    return {item["label"]: item["key"] for item in found}


def _labels(arm: str, known: list[str]) -> list[str]:
    """What "R_train:16" may mean, likeliest first: an arm of that name, then seed 16 of the arm R_train."""
    whole = detector_label(arm, None)
    labels = [whole, *(label for label in known if label.startswith(f"{whole}, seed "))]
    name, _, seed = arm.rpartition(":")
    return [*labels, detector_label(name, int(seed))] if name and seed.isdecimal() else labels
