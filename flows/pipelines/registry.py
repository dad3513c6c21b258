"""Which pipelines there are, by their names. A module is imported when its pipeline is asked for."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from blender_assets.both_sides.text_reading import shown
from flows.pipelines.pipeline import Pipeline
from tasks.artifacts.first_party import pipelines_of_users
from tasks.training.trainable import Trainable

DEFAULT = "people"
# Each has a record PIPELINE in this module.
_OURS = {"people": "flows.people.pipeline", "pretraining": "flows.pretraining.pipeline"}


def pipeline_names() -> list[str]:
    return list(_modules())


def find_pipeline(name: Any) -> Pipeline[Any]:
    """ValueError for a name that no pipeline has."""
    modules = _modules()
    if not isinstance(name, str) or name not in modules:
        raise ValueError(f"pipeline must be one of {', '.join(modules)}, but was {shown(name)}")
    return import_module(modules[name]).PIPELINE


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
