"""Everything that some artifacts were made from, back to the files outside the store."""

from collections.abc import Sequence
from typing import Any

from tasks.artifacts.manifest import Manifest
from tasks.artifacts.recipe import Ref
from tasks.artifacts.store import Store


def ancestors(store: Store, refs: Sequence[Ref]) -> list[Manifest]:
    """The manifests of these artifacts and of all that they were made from, each once, the given ones first.

    What was collected as garbage meanwhile is left out.
    """
    found: dict[str, Manifest] = {}
    waiting = [ref.key for ref in refs]
    while waiting:
        key = waiting.pop(0)
        manifest = None if key in found else store.manifest(key)
        if manifest is not None:
            found[key] = manifest
            waiting += [source for keys in manifest.input_keys.values() for source in keys]
    return list(found.values())


def descendants(manifests: Sequence[Manifest], key: str) -> list[Manifest]:
    """Those of these manifests that were made from the artifact, or from what was made from it, oldest first."""
    found = {key}
    made = []
    for manifest in sorted(manifests, key=lambda manifest: manifest.created):
        if any(source in found for keys in manifest.input_keys.values() for source in keys):
            found.add(manifest.key)
            made.append(manifest)
    return made


def library_versions(manifests: Sequence[Manifest]) -> dict[str, list[str]]:
    """The versions of every library that shaped the artifacts, by its name."""
    versions: dict[str, set[str]] = {}
    for manifest in manifests:
        libraries: dict[str, Any] = manifest.parts.get("libraries", {})
        for name, version in libraries.items():
            versions.setdefault(name, set()).add(version)
    return {name: sorted(versions[name]) for name in sorted(versions)}
