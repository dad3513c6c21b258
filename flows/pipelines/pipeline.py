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

    # what a run file says as `pipeline: name`
    name: str
    # the form of its run files
    config: type[Config]
    # reads all inputs before anything starts; ValueError in one line
    check: Callable[[Sequence[Config]], None]
    # its Prefect flow, which calls `run_pipeline`
    flow: str
    # its steps, as a `Journey`
    journey: str
    # FLOW/DEPLOYMENT on a server
    deployment: str
    # what it does, needs and leaves, as markdown for the UI
    about: str
    # a run file to begin with
    example: str
    # ValueError where only a sweep may be so
    require_run: Callable[[Config], None] = lambda config: None
    # folders of images that a watched run is made again for
    watched: Callable[[Config], Sequence[str]] = lambda config: ()
    # what workers of the pool gpu may train for it
    trainables: tuple[Trainable[Any], ...] = ()
    # what it leaves, in a word for the last line, and where that will lie
    result: str = "report"
    page: Callable[[Config], Path] = report_page

    def load_journey(self) -> Journey[Config, Any]:
        return load(self.journey)

    def load_flow(self) -> Callable[[Config], Any]:
        return load(self.flow)


def load(place: str) -> Any:
    """What a place "module:name" names."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
