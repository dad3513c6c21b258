"""The flow `pretrain`: a detector of rendered people in random rooms, kept as start weights for any place."""

import shutil
from pathlib import Path
from typing import Any

from prefect import flow

from flows.engine.step_runner import STEP_RUNNER
from flows.people.stages import Place, Start, render_backgrounds
from flows.pretraining.config import PretrainConfig
from flows.runs.recorded_run import recorded_run
from tasks.artifacts.recipe import SourceFiles
from tasks.journeys import people as journey
from tasks.sites.random_rooms import AssemblyConfig, RoomsShard, room_shards
from tasks.training.detector_training import DetectorRun
from tasks.training.packing_people import CARD, WEIGHTS, CardConfig


@flow(
    name="pretrain",
    flow_run_name="{config.name}",
    task_runner=STEP_RUNNER,
    persist_result=False,
)
def pretrain(config: PretrainConfig) -> str:
    """Render rooms and people, train, and copy weights and card to `output`; returns the path of the weights."""
    record = config.settled().model_dump(mode="json")
    with recorded_run(config.name, config.store_place, config.compute, record) as run:
        packed = follow_pretraining(config, lambda task, *inputs, **named: task.submit(*inputs, **named))
        folder = run.store.folder(packed.result())
        to = Path(config.output)
        to.mkdir(parents=True, exist_ok=True)
        for name in (WEIGHTS, CARD):
            shutil.copyfile(folder / name, to / name)
        return str(to / WEIGHTS)


def follow_pretraining(config: PretrainConfig, start: Start) -> Any:
    """Start every step in order; returns the (future) packed weights."""
    body = start(journey.build_body_basis, label="body basis")
    train_rooms, held_out_rooms = room_shards(config.rooms)
    train = _prepare_set(config, train_rooms, "training", body, start)
    held_out = _prepare_set(config, held_out_rooms, "held-out", body, start)
    training = config.training
    run = DetectorRun(
        detector=config.detector.settled(), seed=training.detector_seed, threads=training.threads
    )
    detector = start(
        journey.train_detector,
        run,
        [train],
        held_out,
        SourceFiles({}),
        label="train detector on rendered people",
    )
    card = CardConfig(
        rooms_seed=config.rooms.seed,
        render_seed=config.render.seed,
        target=config.detection.target,
    )
    return start(
        journey.pack_people, card, label="pack weights", detector=detector, train=train, held_out=held_out
    )


def _prepare_set(config: PretrainConfig, shards: list[RoomsShard], use: str, body: Any, start: Start) -> Any:
    """The (future) detection set of people over these rooms; waits for the photos of the rooms."""
    photos = [
        start(journey.photograph_rooms, shard, label=f"{use} rooms {shard.rooms[0]}-{shard.rooms[-1]}")
        for shard in shards
    ]
    assembly = AssemblyConfig(leave_out=config.rooms.leave_out)
    site = start(journey.assemble_rooms, assembly, photos, label=f"{use} rooms")
    folder = journey.folder(site.result())
    place = Place(folder / "site.yaml", folder)
    scenes = [shard for _, shard in render_backgrounds(config.render, place, body, start)]
    dataset = start(journey.gather_dataset, scenes, label=f"gather {use} scenes")
    return start(journey.prepare_detection_set, config.detection, dataset, label=f"prepare {use} set")
