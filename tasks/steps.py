"""What makes a plain function a step of the journey: a kind, the code and the libraries that shape its bytes."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.artifacts.recipe import Input, Recipe, SourceFiles
from tasks.artifacts.store import Obtained, Store


@dataclass(frozen=True)
class Step:
    """A build function `build(out, config, **inputs)` with what identifies its products.

    Inputs arrive as folders (or a list of folders, or SourceFiles). A resumable step also gets `scratch`, a folder
    that survives a kill.
    """

    build: Callable[..., None]
    kind: str
    libraries: tuple[str, ...]
    is_resumable: bool

    def recipe(self, config: Any, inputs: dict[str, Input]) -> Recipe:
        return Recipe(self.kind, config, inputs, (self.build.__module__,), self.libraries)

    def obtain(
        self, store: Store, config: Any, inputs: dict[str, Input], *, slots: AbstractContextManager[Any]
    ) -> Obtained:
        """Find or build the artifact of this configuration and these inputs; only building enters `slots`."""
        recipe = self.recipe(config, inputs)
        ref = store.find(recipe.key)
        if ref:
            return Obtained(ref, False, 0.0)
        folders = {name: _folders(store, value) for name, value in inputs.items()}

        def build(out: Path) -> None:
            scratch = {"scratch": store.scratch(recipe.key)} if self.is_resumable else {}
            self.build(out, config=config, **folders, **scratch)

        with slots:
            return store.obtain(recipe, build)


def step(kind: str, *, libraries: tuple[str, ...] = (), is_resumable: bool = False) -> Callable[..., Step]:
    """Declare a build function as a step whose products have `kind`; its module's code enters the key."""
    return lambda build: Step(build, kind, libraries, is_resumable)


def _folders(store: Store, value: Input) -> Path | list[Path] | SourceFiles:
    if isinstance(value, SourceFiles):
        return value
    return [store.folder(ref) for ref in value] if isinstance(value, tuple) else store.folder(value)
