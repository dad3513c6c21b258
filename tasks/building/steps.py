"""What makes a plain function a step of the journey: a kind, the code and the libraries that shape its bytes."""

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.artifacts.code_version import code_version, require_unchanged
from tasks.artifacts.first_party import first_party
from tasks.artifacts.recipe import Input, Recipe, Ref, SourceFiles
from tasks.artifacts.store import Obtained, Store

_modules: set[str] = set()


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
        _settle_versions()
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
            require_unchanged((self.build.__module__,))
            for ref in _refs(inputs):
                store.check_bytes(ref)
            scratch = {"scratch": store.scratch(recipe.key)} if self.is_resumable else {}
            self.build(out, config=config, **folders, **scratch)
            for value in inputs.values():
                if isinstance(value, SourceFiles):
                    value.require_unchanged()

        with slots:
            return store.obtain(recipe, build)


def step(kind: str, *, libraries: tuple[str, ...] = (), is_resumable: bool = False) -> Callable[..., Step]:
    """Declare a build function as a step whose products have `kind`; its module's code enters the key."""

    def declare(build: Callable[..., None]) -> Step:
        _modules.add(build.__module__)
        return Step(build, kind, libraries, is_resumable)

    return declare


@functools.cache
def _settle_versions() -> None:
    """Work out the code versions of all steps with the first: hours later the files may no longer be what was imported."""
    ours = first_party()  # a package that no pipeline names has no keys: its own steps will say so
    for module in sorted(_modules):
        if module.partition(".")[0] in ours:
            code_version((module,))


def _refs(inputs: dict[str, Input]) -> list[Ref]:
    values = [value if isinstance(value, tuple) else (value,) for value in inputs.values()]
    return [item for value in values for item in value if isinstance(item, Ref)]


def _folders(store: Store, value: Input) -> Path | list[Path] | SourceFiles:
    if isinstance(value, SourceFiles):
        return value
    return [store.folder(ref) for ref in value] if isinstance(value, tuple) else store.folder(value)
