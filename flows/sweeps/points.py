"""The journeys of a sweep's points, walked side by side."""

from dataclasses import dataclass
from typing import Any

from flows.pipelines.journey import Journey, Walk, known
from flows.sweeps.config import SweepPoint
from flows.sweeps.step_graph import Node, StepGraph
from tasks.sweeping.points import PointConfig


@dataclass(frozen=True)
class PointSteps:
    """A point whose steps were all started, with what its journey made."""

    point: SweepPoint
    journey: Journey[Any, Any]
    products: Any
    summary: Node

    def has_failed(self) -> bool:
        """Once its steps have ended."""
        return self.summary.ref() is None

    def row(self, graph: StepGraph) -> PointConfig:
        """What the table says of the point beside its summary."""
        names = {name: dict(values) for name, values in self.point.sections.items() if name}
        shown = {"values": dict(self.point.values), "sections": names}
        if not self.has_failed():
            return PointConfig(**shown, **self.journey.describe(self.point.config, self.products))
        failures = (node.failure() for node in graph.nodes_of(self.point.values))
        error = next(filter(None, failures), "a step that it needs failed")
        return PointConfig(**shown, **self.journey.describe(self.point.config, None), error=error)


def start_points(points: list[SweepPoint], graph: StepGraph, journey: Journey[Any, Any]) -> list[PointSteps]:
    """Start every step of every point. EndsEarly in a plan that would have to read what is not there yet."""
    walks = [journey.follow(point.config, graph.starter(point.values)) for point in points]
    made = _walk_side_by_side(walks, graph)
    ended = []
    for point, products in zip(points, made, strict=True):
        summary = journey.summarise(point.config, products, graph.starter(point.values))
        ended.append(PointSteps(point, journey, products, summary))
    graph.start_noted()
    return ended


def _walk_side_by_side(walks: list[Walk[Any]], graph: StepGraph) -> list[Any]:
    """What each walk ends with. All go as far as they can before one of them waits for an artifact."""
    products: dict[int, Any] = {}
    answers: dict[int, Any] = dict.fromkeys(range(len(walks)))
    while answers:
        waits: dict[int, Node] = {}
        for number, answer in answers.items():
            try:
                waits[number] = walks[number].send(answer)
            except StopIteration as end:
                products[number] = end.value
        graph.start_noted()
        answers = {number: known(node.product) for number, node in waits.items()}
    return [products[number] for number in range(len(walks))]
