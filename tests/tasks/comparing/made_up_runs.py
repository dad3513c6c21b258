"""Finished runs in a store with detections as wanted, evaluated by the very step that a run uses."""

import contextlib
import json
from pathlib import Path

import numpy as np

from tasks.artifacts.recipe import Recipe, Ref
from tasks.artifacts.store import Store
from tasks.detection.evaluation import ArmsConfig, EvaluationConfig, evaluate_arms

BOX = [0.0, 0.0, 10.0, 10.0]
FALSE = [100.0, 0.0, 110.0, 10.0]


def add_run(store: Store, run_id: str, arms, *, names="abcd", status="completed", iou=0.5, **config) -> Ref:
    """`arms`: by name for every seed what was found in each image, "t" a true and "f" a false box; one box an image."""
    test = _obtain(store, "detection-set", {"names": names}, lambda out: _write_set(out, names))
    detections = [
        _obtain(
            store,
            "detections",
            {"names": names, "found": found},
            lambda out, f=found: _write_found(out, names, f),
        )
        for seeds in arms.values()
        for found in seeds
    ]
    settings = ArmsConfig(
        evaluation=EvaluationConfig(iou=iou),
        arms=tuple(arms),
        seeds=tuple(config.pop("seeds", range(len(next(iter(arms.values())))))),
        pairs=(),
    )
    inputs = {"detections": tuple(detections), "images": test}
    evaluation = evaluate_arms.obtain(store, settings, inputs, slots=contextlib.nullcontext()).ref
    record = {
        "run": run_id.partition("-")[0],
        "status": status,
        "started": 1000.0 * (1 + len(store.records())),
        "config": {"name": run_id, **config},
        "artifacts": [{"kind": ref.kind, "key": ref.key, "seconds": 0.0} for ref in (test, evaluation)],
    }
    write_record(store, run_id, record)
    return evaluation


def write_record(store: Store, run_id: str, record) -> None:
    store.write_record(run_id, json.dumps(record))


def _obtain(store: Store, kind: str, config, build) -> Ref:
    return store.obtain(Recipe(kind, config, {}, (), ()), build).ref


def _write_set(out: Path, names: str) -> None:
    np.save(out / "images.npy", np.zeros((len(names), 16, 16, 3), np.uint8))
    rest = {"scale": 1.0, "left_px": 0.0, "top_px": 0.0, "ignore_xyxy": [], "visibilities": [1.0]}
    records = [{"name": name, "clip": name, "boxes_xyxy": [BOX], **rest} for name in names]
    (out / "images.json").write_text(json.dumps(records))


def _write_found(out: Path, names: str, found) -> None:
    images = [
        {
            "name": name,
            "boxes_xyxy": [BOX if letter == "t" else FALSE for letter in letters],
            "scores": [0.9] * len(letters),
        }
        for name, letters in zip(names, found, strict=True)
    ]
    content = {"threshold": 0.5, "checkpoint_step": 1, "val_f1": 0.0, "images": images}
    (out / "detections.json").write_text(json.dumps(content))
