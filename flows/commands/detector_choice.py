"""Which detector a person means, and what kind of box it finds."""

from dataclasses import dataclass
from pathlib import Path

from flows.commands.network_choice import StoredNetwork, choose_network
from tasks.artifacts.opening import StorePlace
from tasks.datasets.annotations import Target
from tasks.training.start_weights import PEOPLE_SYNTHETIC


@dataclass(frozen=True)
class ChosenDetector:
    """A detector's file; of one in the store also its key, and the kind of box it finds if that is still known."""

    path: Path
    key: str | None = None
    target: Target | None = None


def choose_detector(place: StorePlace, model: str) -> ChosenDetector:
    """`model` as `choose_network` has it, or `people_synthetic` for the start weights that come with the product."""
    if model == PEOPLE_SYNTHETIC.stem:
        return ChosenDetector(PEOPLE_SYNTHETIC)
    chosen = choose_network(place, model, kind="detector")
    target = None if chosen.stored is None else _target(chosen.stored)
    return ChosenDetector(chosen.path, chosen.key, target)


def _target(detector: StoredNetwork) -> Target | None:
    """The box that was annotated in the images it was validated on, unless these were collected as garbage."""
    keys = detector.manifest.input_keys.get("val", ())
    validation = detector.store.manifest(keys[0]) if keys else None
    return None if validation is None else validation.parts["config"]["target"]
