"""Artifacts that another process builds in the same store, such as trainings on a machine with a GPU."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tasks.artifacts.recipe import Input, Recipe
from tasks.artifacts.store import Obtained, Store


@dataclass(frozen=True)
class Order:
    """One artifact that is wanted: what it is called, what decides its bytes, and the key that these give here."""

    label: str
    recipe: Recipe

    @property
    def config(self) -> Any:
        return self.recipe.config

    @property
    def inputs(self) -> dict[str, Input]:
        return dict(self.recipe.inputs)


# Returns when the artifact is there: whether it was built for this order, or found. Raises what went wrong there.
Send = Callable[[Order], bool]


def obtain_elsewhere(store: Store, order: Order, send: Send) -> Obtained:
    """Find the artifact, or send the order and find what came of it. Takes none of this run's slots.

    ValueError where the other process says that it is done and this store has nothing.
    """
    key = order.recipe.key
    if ref := store.find(key):
        return Obtained(ref, False, 0.0)
    was_built = send(order)
    ref, manifest = store.find(key), store.manifest(key)
    if ref is None or manifest is None:
        raise ValueError(
            f"{order.label} was built elsewhere, but the store {store.place} has no artifact {key[:12]}: let this run "
            "and the worker use the same store"
        )
    return Obtained(ref, was_built, manifest.seconds if was_built else 0.0)
