"""The steps of a run with the seconds that they took: of a finished one by its record, of a file by its plan."""

from collections.abc import Iterable
from statistics import median
from typing import Any

from flows.costs.graph import TimedStep
from flows.pipelines.registry import each_pipeline
from tasks.artifacts.recipe import Ref
from tasks.artifacts.store import Store
from tasks.building.run_context import Pending, Run
from tasks.building.steps import Step


def training_kinds() -> frozenset[str]:
    """What the pool gpu makes for any pipeline."""
    return frozenset(each.kind for pipeline in each_pipeline() for each in pipeline.trainables)


def steps_of_record(store: Store, record: dict[str, Any]) -> list[TimedStep]:
    """Of all artifacts of a run, whoever made them. ValueError where the store has them no more."""
    keys = dict.fromkeys(artifact["key"] for artifact in record["artifacts"] if artifact["key"])
    trainings, found = training_kinds(), []
    for key in keys:
        manifest = store.manifest(key)
        if manifest is None:
            raise ValueError(
                f"the artifact {key[:12]} of the run {record['id']} is gone, and with it how long it took; name a newer "
                "run, or a run file"
            )
        needs = tuple(source for sources in manifest.input_keys.values() for source in sources)
        is_training = manifest.kind in trainings
        found.append(TimedStep(key, manifest.kind, manifest.seconds, needs, is_training))
    return found


class TimedPlan(Run):
    """A plan that also notes what each step needs. What is not in the store takes as long as the median of its kind."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._noted: dict[str, tuple[str, tuple[str, ...]]] = {}

    def obtain(self, step: Step, config: Any, label: str, inputs: dict[str, Any]) -> Ref | Pending:
        product = super().obtain(step, config, label, inputs)
        self._noted[_name(product)] = step.kind, tuple(_names(inputs.values()))
        return product

    def steps(self) -> list[TimedStep]:
        """All that were walked."""
        trainings, medians = training_kinds(), self._medians()
        found = []
        for name, (kind, needs) in self._noted.items():
            manifest = self.store.manifest(name) if " " not in name else None
            seconds = manifest.seconds if manifest else medians.get(kind, 0.0)
            found.append(TimedStep(name, kind, seconds, needs, kind in trainings, manifest is None))
        return found

    def unknown_kinds(self) -> list[str]:
        """Those of which the store has no artifact, so that their steps count as 0 s."""
        return sorted({kind for kind, _ in self._noted.values()} - self._medians().keys())

    def _medians(self) -> dict[str, float]:
        by_kind: dict[str, list[float]] = {}
        for manifest in self.store.manifests():
            by_kind.setdefault(manifest.kind, []).append(manifest.seconds)
        return {kind: median(seconds) for kind, seconds in by_kind.items()}


def _name(product: Ref | Pending) -> str:
    """A key, or in words what has none yet."""
    return product.key if isinstance(product, Ref) else f"to build: {product.label}"


def _names(values: Iterable[Any]) -> Iterable[str]:
    for value in values:
        if isinstance(value, Ref | Pending):
            yield _name(value)
        elif isinstance(value, tuple):
            yield from _names(value)
