"""The journey of the pipeline `pretraining`: random rooms, people in them, a detector, and its weights to keep."""

import shutil
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.people.image_stages import render_backgrounds
from flows.people.place import Place
from flows.pipelines.journey import Journey, Start, Walk
from flows.pretraining.config import PretrainConfig
from tasks.artifacts.recipe import Ref, SourceFiles
from tasks.building.run_context import Run
from tasks.journeys import people, pretraining, shared, step_task
from tasks.sites.random_rooms import AssemblyConfig, RoomsShard, room_shards
from tasks.sweeping.training_summary import TrainingSummaryConfig
from tasks.training.detector_training import DetectorRun
from tasks.training.packing_people import CARD, SETTINGS, WEIGHTS, CardConfig


@dataclass(frozen=True)
class Products:
    """The detector, and the sets that it learned from and was chosen on."""

    detector: Any
    train: Any
    held_out: Any


def follow(config: PretrainConfig, start: Start) -> Walk[Products]:
    """Every step up to the trained detector."""
    body = start(people.build_body_basis, label="body basis")
    train_rooms, held_out_rooms = room_shards(config.rooms)
    train = yield from _prepare_set(config, train_rooms, "training", body, start)
    held_out = yield from _prepare_set(config, held_out_rooms, "held-out", body, start)
    training = config.training
    run = DetectorRun(
        detector=config.detector.settled(), seed=training.detector_seed, threads=training.threads
    )
    no_weights, label = SourceFiles({}), "train detector on rendered people"
    detector = start(people.train_detector, run, [train], held_out, no_weights, label=label)
    return Products(detector, train, held_out)


def _prepare_set(
    config: PretrainConfig, shards: list[RoomsShard], use: str, body: Any, start: Start
) -> Generator[Any, Ref, Any]:
    """The (future) detection set of people over these rooms; waits for the photos of the rooms."""
    photos = [
        start(pretraining.photograph_rooms, shard, label=f"{use} rooms {shard.rooms[0]}-{shard.rooms[-1]}")
        for shard in shards
    ]
    assembly = AssemblyConfig(leave_out=config.rooms.leave_out)
    folder = step_task.folder(
        (yield start(pretraining.assemble_rooms, assembly, photos, label=f"{use} rooms"))
    )
    place = Place(folder / "site.yaml", folder)
    scenes = [shard for _, shard in render_backgrounds(config.render, place, body, start)]
    dataset = start(people.gather_dataset, scenes, label=f"gather {use} scenes")
    return start(people.prepare_detection_set, config.detection, dataset, label=f"prepare {use} set")


def report(config: PretrainConfig, products: Products, start: Start) -> Any:
    """The weights, and the card that says what they have seen."""
    card = CardConfig(
        rooms_seed=config.rooms.seed,
        render_seed=config.render.seed,
        target=config.detection.target,
    )
    inputs = {"detector": products.detector, "train": products.train, "held_out": products.held_out}
    return start(pretraining.pack_people, card, label="pack weights", **inputs)


def publish(config: PretrainConfig, run: Run, packed: Path) -> Path:
    """Copies of the weights, their settings and their card in `output`."""
    to = Path(config.output)
    to.mkdir(parents=True, exist_ok=True)
    for name in (WEIGHTS, SETTINGS, CARD):
        shutil.copyfile(packed / name, to / name)
    return to / WEIGHTS


def summarise(config: PretrainConfig, products: Products, start: Start) -> Any:
    """What the detector reached on the held-out rooms."""
    by_f1 = TrainingSummaryConfig(figure="val_f1", is_higher_better=True)
    return start(shared.summarise_training, by_f1, products.detector, label="summarise")


JOURNEY = Journey(follow=follow, report=report, publish=publish, summarise=summarise)
