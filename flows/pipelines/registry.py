"""Which pipelines there are, by their names. A module is imported when its pipeline is asked for."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from blender_assets.both_sides.text_reading import shown
from flows.pipelines.pipeline import Pipeline
from tasks.artifacts.first_party import VARIABLE, pipelines_of_users
from tasks.training.trainable import Trainable

DEFAULT = "people"
# Each has a record PIPELINE in this module.
_OURS = {
    "people": "flows.people.pipeline",
    "pretraining": "flows.pretraining.pipeline",
    "segment": "flows.segment.pipeline",
    "cycle_segmentation": "flows.cycle_segmentation.pipeline",
    "night": "flows.night.pipeline",
    "soiling": "flows.soiling.pipeline",
}


def pipeline_names() -> list[str]:
    return list(_modules())


def find_pipeline(name: Any) -> Pipeline[Any]:
    """ValueError for a name that no pipeline has."""
    modules = _modules()
    if not isinstance(name, str) or name not in modules:
        raise ValueError(f"pipeline must be one of {', '.join(modules)}, but was {shown(name)}")
    return _read_record(name, modules[name])


def _read_record(name: str, module: str) -> Pipeline[Any]:
    """ValueError where a user's module is not there, or has no record of this name."""
    try:
        found = getattr(import_module(module), "PIPELINE", None)
    except ModuleNotFoundError as error:
        raise ValueError(f"{VARIABLE} names {module} for the pipeline {name}, but there is {error}") from None
    if not isinstance(found, Pipeline) or found.name != name:
        has = f"one of {found.name}" if isinstance(found, Pipeline) else "no Pipeline called PIPELINE"
        raise ValueError(f"{VARIABLE} names {module} for the pipeline {name}, but it has {has}; mend either")
    return found


def each_pipeline() -> Iterator[Pipeline[Any]]:
    return map(find_pipeline, _modules())


def find_trainable(kind: str) -> Trainable[Any]:
    """What trains artifacts of a kind; ValueError where no pipeline has it."""
    found = {item.kind: item for pipeline in each_pipeline() for item in pipeline.trainables}
    if kind not in found:
        raise ValueError(f"kind must be one of {', '.join(found)}, but was {shown(kind)}")
    return found[kind]


def _modules() -> dict[str, str]:
    return _OURS | pipelines_of_users()
