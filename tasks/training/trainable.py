"""The record of a training step: what a worker elsewhere must know to do the same from a small order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from tasks.artifacts.opening import StorePlace
from tasks.artifacts.recipe import SourceFiles
from tasks.building.steps import Step
from tasks.training.start_weights import Weights, as_file, found, joined, weights_file, without_place

Form = TypeVar("Form")
# Of weights, by the field that names them in a run's configuration.
Change = Callable[[str, Weights], Weights]


def _unchanged(config: Any, change: Change) -> Any:
    return config


@dataclass(frozen=True, kw_only=True)
class Trainable(Generic[Form]):
    """One training step. Its config has `settled()`; its weights files, where it has some, are its input `weights`."""

    step: Step
    config: type[Form]
    inputs: Mapping[str, str]  # the kind of artifact that each input is of
    many: tuple[str, ...] = ()  # those inputs of which there are several
    # the same configuration with the weights that it names changed
    each_weights: Callable[[Form, Change], Form] = _unchanged

    @property
    def kind(self) -> str:
        return self.step.kind

    @property
    def has_weights(self) -> bool:
        return self.each_weights is not _unchanged

    def with_networks_of_runs(self, config: Form, place: StorePlace) -> Form:
        """The same with weights of earlier runs in this store as files. ValueError where there are none."""
        return self.each_weights(
            config, lambda field, weights: as_file(weights, place, kind=self.kind, field=field)
        )

    def weights_files(self, config: Form) -> SourceFiles:
        """The files of start weights that the configuration names. ValueError where one is missing or is none."""
        files: list[SourceFiles] = []

        def note(field: str, weights: Weights) -> Weights:
            files.append(weights_file(weights, field=field))
            return weights

        self.each_weights(config, note)
        return joined(files)

    def without_places(self, config: Form) -> Form:
        """The same with weights files by their names alone: a place is no identity."""
        return self.each_weights(config, lambda _, weights: without_place(weights))

    def with_files(self, config: Form, files: Mapping[str, str]) -> Form:
        """The same with weights files at these places, by their names."""
        return self.each_weights(config, lambda _, weights: found(weights, dict(files)))
