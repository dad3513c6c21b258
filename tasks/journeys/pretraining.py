"""The steps that only the pipeline `pretraining` has: rooms without people, and weights to keep."""

from tasks.artifacts.recipe import Ref
from tasks.journeys.step_task import journey_task, obtain
from tasks.sites import random_rooms as rooms
from tasks.training import packing_people as pretraining


@journey_task("photograph rooms")
def photograph_rooms(config: rooms.RoomsShard, *, label: str) -> Ref:
    return obtain(rooms.photograph_rooms, config, label)


@journey_task("assemble rooms")
def assemble_rooms(config: rooms.AssemblyConfig, shards: list[Ref], *, label: str) -> Ref:
    return obtain(rooms.assemble_rooms, config, label, shards=shards)


@journey_task("pack start weights")
def pack_people(config: pretraining.CardConfig, *, label: str, **parts: Ref) -> Ref:
    return obtain(pretraining.pack_people, config, label, **parts)
