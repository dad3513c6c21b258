"""The images of a run by night: labelled ones by day, unlabelled ones of both lights, and those that are scored."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.night.config import ImagesConfig, Light, NightRun
from flows.pipelines.journey import Start
from flows.segment.importing import import_sets
from tasks.formats.record_patterns import Patterns
from tasks.journeys import night as steps
from tasks.journeys import segment as segment_steps
from tasks.label_maps.planning import plan_label_maps
from tasks.night.splitting import LightConfig
from tasks.segmentation.selecting import SelectionConfig


@dataclass(frozen=True)
class Sets:
    """What trainings, choices and scores see. `lightings` are those that were told, by the set that was split."""

    train: Any  # labelled, by day
    val: Any
    test: Any
    source: Any
    target: Any
    like: Any | None
    arriving: Any | None
    leaks: Any
    twins: Any | None = None  # the labelled views by night
    lightings: dict[str, Any] = field(default_factory=dict)


def prepare_sets(config: NightRun, start: Start) -> Sets:
    """Imports all; labels of source and target are never asked for again."""
    found = import_sets(config.label_maps, config.sample_street, start)
    folders = {name: _import_folder(config, name, start) for name in config.folders()}
    leaks = start(segment_steps.check_leaks, [*found.values(), *folders.values()], label="check leaks")
    lightings: dict[str, Any] = {}
    twins = config.twin_patterns()

    def take(name: str, images: ImagesConfig, split: str = "train") -> Any:
        taken = folders.get(name) or _select(images.where, found[split], start, f"{name} images")
        return _of_light(config, name, taken, lightings, start)

    return Sets(
        train=_select(config.labelled_patterns(), found["train"], start, "labelled images by day"),
        val=_select(config.val_patterns(), found["val"], start, "labelled images by day, R_val"),
        test=take("test", config.test_images(), "test"),
        source=take("source", config.source_images()),
        target=take("target", config.target),
        like=None if config.like is None else take("like", config.like),
        arriving=None if config.arriving is None else take("arriving", ImagesConfig()),
        leaks=leaks,
        twins=None if twins is None else _select(twins, found["train"], start, "twins by night"),
        lightings=lightings,
    )


def _import_folder(config: NightRun, name: str, start: Start) -> Any:
    """All splits of a folder as one set. Its records say whether it is scored, by which copies are found."""
    split = "test" if name == "test" else "train"
    parts = [
        start(
            segment_steps.import_label_maps,
            own.model_copy(update={"split": split}),
            files,
            label=f"import {name} ({own.split})",
        )
        for own, files in plan_label_maps(config.folders()[name], Path())
    ]
    return parts[0] if len(parts) == 1 else start(steps.join_label_maps, parts, label=f"join {name}")


def _select(patterns: Patterns, images: Any, start: Start, label: str) -> Any:
    if not patterns:
        return images
    return start(segment_steps.select_label_maps, SelectionConfig(where=patterns), images, label=label)


def _of_light(config: NightRun, name: str, images: Any, lightings: dict[str, Any], start: Start) -> Any:
    """Of source the days, of target and arriving the nights, where they are to be told apart; `lightings` is added to."""
    kinds: dict[str, Light] = {"target": "night", "arriving": "night"}
    if config.source is not None:
        kinds["source"] = "day"
    if config.lighting is None or name not in kinds:
        return images
    lightings[name] = start(
        steps.split_by_lighting, config.lighting, images, label=f"tell day from night of {name}"
    )
    kind = kinds[name]
    return start(
        steps.take_light, LightConfig(kind=kind), images, lightings[name], label=f"{kind}s of {name}"
    )
