"""The steps of many runs as one graph: what several of them want is started once."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from tasks.artifacts.canonical import digest
from tasks.artifacts.recipe import Ref, SourceFiles
from tasks.building.run_context import Pending

Start = Callable[..., Any]


@dataclass(eq=False)
class Node:
    """One step to be started; `product` is what starting it gave: a future, or in a plan the artifact's name."""

    task: Any
    inputs: tuple[Any, ...]
    named_inputs: dict[str, Any]
    label: str
    identity: str
    depth: int
    runs: list[Mapping[str, str]] = field(default_factory=list)
    product: Any = None

    def ref(self) -> Ref | Pending | None:
        """The artifact, once the step has ended; None where the step failed or could not begin."""
        if isinstance(self.product, Ref | Pending):
            return self.product
        return self.product.result() if self.product.state.is_completed() else None

    def failure(self) -> str | None:
        """What went wrong in this step itself, once it has ended; one that could not begin has not failed."""
        if isinstance(self.product, Ref | Pending) or not self.product.state.is_failed():
            return None
        return f"{self.label}: {self.product.state.message}"


class StepGraph:
    """Collects steps of runs, each run named by its values on some axes, and starts every step once."""

    def __init__(self, start: Start, describe: Callable[[Mapping[str, str]], str]) -> None:
        """`start` really starts a step; `describe` names the runs that share some values."""
        self.nodes: dict[str, Node] = {}
        self.start = start
        self._describe = describe
        self._configs: dict[int, tuple[BaseModel, str]] = {}

    def starter(self, run: Mapping[str, str]) -> Start:
        """A `start` for the stages of one run: it notes the step and gives its node."""
        return lambda task, *inputs, label, **named: self._note(run, task, inputs, named, label)

    def start_noted(self) -> None:
        """Start what was noted since the last time, near the sources first.

        Waiting steps hold threads: what can begin at once must not queue behind them.
        """
        waiting = sorted((node for node in self.nodes.values() if node.product is None), key=_depth)
        labels = Counter(node.label for node in self.nodes.values())
        for node in waiting:
            label = node.label if labels[node.label] == 1 else self._full_label(node)
            named = {name: _products(value) for name, value in node.named_inputs.items()}
            node.product = self.start(node.task, *map(_products, node.inputs), label=label, **named)

    def wait(self) -> None:
        """Return when all that was started has ended, well or not."""
        for node in self.nodes.values():
            if not isinstance(node.product, Ref | Pending):
                node.product.wait()

    def nodes_of(self, run: Mapping[str, str]) -> list[Node]:
        """The steps of one run, in the order of its journey."""
        return [node for node in self.nodes.values() if any(run is other for other in node.runs)]

    def _note(
        self,
        run: Mapping[str, str],
        task: Any,
        inputs: tuple[Any, ...],
        named_inputs: dict[str, Any],
        label: str,
    ) -> Node:
        identity = digest([task.name, self._identity(inputs), self._identity(named_inputs)])
        depth = 1 + max((node.depth for node in _nodes([*inputs, *named_inputs.values()])), default=0)
        fresh = Node(task, inputs, named_inputs, label, identity, depth)
        node = self.nodes.setdefault(identity, fresh)
        node.runs.append(run)
        return node

    def _identity(self, value: Any) -> Any:
        """What tells two inputs apart, in values that have a canonical form."""
        if isinstance(value, Node):
            return {"step": value.identity}
        if isinstance(value, SourceFiles):
            # Within one process a place is identity enough, and reading every photo for every run would take long.
            return {name: str(path) for name, path in value.files.items()}
        if isinstance(value, list | tuple):
            return [self._identity(item) for item in value]
        if isinstance(value, dict):
            return {name: self._identity(item) for name, item in value.items()}
        return {"config": self._of_config(value)} if isinstance(value, BaseModel) else value

    def _of_config(self, config: BaseModel) -> str:
        """Its digest, once: a point hands one object to the steps of all its shards. It is kept, so that its id is."""
        if id(config) not in self._configs:
            self._configs[id(config)] = config, digest(config)
        return self._configs[id(config)][1]

    def _full_label(self, node: Node) -> str:
        """With the values that all its runs share and that others do not have."""
        shared = {
            axis: value
            for axis, value in node.runs[0].items()
            if all(run.get(axis) == value for run in node.runs)
        }
        return f"{node.label}: {self._describe(shared)}" if shared else node.label


def _depth(node: Node) -> int:
    return node.depth


def _nodes(values: list[Any]) -> list[Node]:
    items = [item for value in values for item in (value if isinstance(value, list | tuple) else [value])]
    return [item for item in items if isinstance(item, Node)]


def _products(value: Any) -> Any:
    """The same input with products in the place of nodes."""
    if isinstance(value, list | tuple):
        return type(value)(_products(item) for item in value)
    return value.product if isinstance(value, Node) else value
