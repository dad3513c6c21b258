"""Which trained network a person means: a file, the key of an artifact, a run, or the arm of a run."""

from dataclasses import dataclass
from pathlib import Path

from tasks.artifacts.manifest import Manifest
from tasks.artifacts.opening import StorePlace
from tasks.artifacts.store import Store
from tasks.training.trained_networks import find_trained, require_whole


@dataclass(frozen=True)
class StoredNetwork:
    """Of a network in the store."""

    store: Store
    manifest: Manifest


@dataclass(frozen=True)
class ChosenNetwork:
    """A network's file, and where it comes from if that is the store."""

    path: Path
    stored: StoredNetwork | None = None

    @property
    def key(self) -> str | None:
        return None if self.stored is None else self.stored.manifest.key


def choose_network(place: StorePlace, model: str, *, kind: str) -> ChosenNetwork:
    """`model`: a file, a key's first digits, RUN, RUN:ARM (the first seed of the newest run) or RUN:ARM:SEED."""
    if Path(model).is_file():
        return ChosenNetwork(Path(model))
    if model.endswith((".pt", ".onnx")):
        raise ValueError(
            f"there is no file {model}; give a {kind}'s file, RUN:ARM, or a key that `artifacts ls` lists"
        )
    store = place.open_existing()
    manifest = find_trained(store, model, kind=kind)
    folder = store.folder(require_whole(store, manifest))
    return ChosenNetwork(folder / f"{kind}.pt", StoredNetwork(store, manifest))
