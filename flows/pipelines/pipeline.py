"""The record of a pipeline: all that commands, flows, deployments and sweeps need to know of one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Generic, TypeVar

from flows.configuration.result_pages import report_page
from flows.configuration.run import RunSettings
from flows.pipelines.journey import Journey
from tasks.training.trainable import Trainable

Config = TypeVar("Config", bound=RunSettings)


@dataclass(frozen=True, kw_only=True)
class Pipeline(Generic[Config]):
    """One pipeline. `flow` and `journey` are places "module:name": their modules import Prefect, which reads its
    settings at its import, so they are loaded when a run or a plan begins.
    """

    name: str  # what a run file says as `pipeline: name`
    config: type[Config]  # the form of its run files
    check: Callable[
        [Sequence[Config]], None
    ]  # reads all inputs before anything starts; ValueError in one line
    flow: str  # its Prefect flow, which calls `run_pipeline`
    journey: str  # its steps, as a `Journey`
    deployment: str  # FLOW/DEPLOYMENT on a server
    about: str  # what it does, needs and leaves, as markdown for the UI
    example: str  # a run file to begin with
    require_run: Callable[[Config], None] = lambda config: None  # ValueError where only a sweep may be so
    trainables: tuple[Trainable[Any], ...] = ()  # what workers of the pool gpu may train for it
    result: str = "report"  # what it leaves, in a word for the last line
    page: Callable[[Config], Path] = report_page  # where that will lie

    def load_journey(self) -> Journey[Config, Any]:
        return load(self.journey)

    def load_flow(self) -> Callable[[Config], Any]:
        return load(self.flow)


def load(place: str) -> Any:
    """What a place "module:name" names."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
