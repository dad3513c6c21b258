"""The steps of a pipeline as one story, which a run, a plan and a sweep each tell in their own way."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from flows.configuration.run import RunSettings
from tasks.artifacts.recipe import Ref
from tasks.building.run_context import Pending, Run

Config = TypeVar("Config", bound=RunSettings)
Products = TypeVar("Products")

# `start(task, *inputs, label=...)` gives a future, in a plan the artifact's name, in a sweep a step that points share.
Start = Callable[..., Any]
# `ref = yield product` waits for an artifact whose files say how the journey goes on.
Walk = Generator[Any, Ref, Products]


@dataclass(frozen=True, kw_only=True)
class Journey(Generic[Config, Products]):
    """Functions that start a pipeline's steps. They are called in the run's process and build nothing themselves."""

    # every step up to the results
    follow: Callable[[Config, Start], Walk[Products]]
    # the last step of a run
    report: Callable[[Config, Products, Start], Any]
    # the page from that step's files, and Prefect's artifacts
    publish: Callable[[Config, Run, Path], Path]
    # the last step of a sweep's point: writes `point.json`
    summarise: Callable[[Config, Products, Start], Any]
    # fields of a point's `PointConfig` that are known when it has ended, such as a training's seconds; without products
    # of one that failed
    describe: Callable[[Config, Products | None], dict[str, Any]] = lambda config, products: {}


class EndsEarly(Exception):
    """A plan cannot go on: what it would have to read stands only when its step has been built."""

    def __init__(self, label: str) -> None:
        super().__init__(label)
        self.label = label


def walk_to_end(walk: Walk[Products]) -> Products:
    """Follow a journey whose products are futures or, in a plan, names; EndsEarly in the latter."""
    answer: Any = None
    while True:
        try:
            awaited = walk.send(answer)
        except StopIteration as end:
            return end.value
        answer = known(awaited)


def known(product: Any) -> Ref:
    """The artifact of a step, for which this waits. EndsEarly for one that a plan has not got."""
    if isinstance(product, Pending):
        raise EndsEarly(product.label)
    return product if isinstance(product, Ref) else product.result()
