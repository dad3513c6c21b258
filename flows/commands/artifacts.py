"""`python -m flows artifacts ...`: list, show, verify, tag and collect what the store holds."""

import time
from collections.abc import Sequence

import yaml

from tasks.artifacts.budget import near_budget, set_budget
from tasks.artifacts.collection import collect_garbage
from tasks.artifacts.lookup import find_artifact
from tasks.artifacts.manifest import Manifest
from tasks.artifacts.opening import StorePlace
from tasks.artifacts.roots import Keeping
from tasks.artifacts.store import Store
from tasks.artifacts.tags import add_tag, read_tags, remove_tag
from tasks.artifacts.verification import verify


def list_artifacts(place: StorePlace) -> int:
    """One line an artifact, oldest first, with its tags; then the tagged runs, and a warning near the budget."""
    store, total = place.open_existing(), 0
    tags = read_tags(store)
    for manifest in store.manifests():
        made = time.strftime("%Y-%m-%d %H:%M", time.localtime(manifest.created))
        size = manifest.ref.num_bytes
        total += size
        files = f"{len(manifest.files):6d} files {size / 1e6:9.2f} MB"
        names = "".join(f"  {tag.name}" for tag in tags if tag.key == manifest.key)
        print(f"{manifest.key[:12]}  {manifest.kind:<15} {made} {files} {manifest.seconds:8.1f} s{names}")
    for tag in tags:
        if tag.run:
            print(f"{tag.name}: the run {tag.run}")
    print(f"{total / 1e6:.1f} MB in all")
    if warning := near_budget(store):
        print(f"warning: {warning}")
    return 0


def show_artifact(place: StorePlace, key: str) -> int:
    """Where the files of one artifact lie, and all that it was made from."""
    store = place.open_existing()
    manifest = find_artifact(store, key)
    print(f"files at: {store.address(manifest)}")
    print(
        f"files: {len(manifest.files)}, {manifest.ref.num_bytes / 1e6:.2f} MB, built in {manifest.seconds:.1f} s"
    )
    print(yaml.safe_dump({"key": manifest.key, **manifest.parts}, sort_keys=False).rstrip())
    print("lineage:")
    _print_lineage(store, manifest, depth=1, seen=set())
    return 0


def verify_artifacts(place: StorePlace, *, deep: bool) -> int:
    """Exit code 1 when something was damaged; the next run builds it again."""
    count, damages = verify(place.open_existing(), deep=deep)
    for damage in damages:
        print(f"damaged {damage.manifest.kind} {damage.manifest.key[:12]}: {'; '.join(damage.problems[:3])}")
        if damage.made_after:
            print(f"  made from it after that, and taken out too: {_listed(damage.made_after)}")
        if damage.made_some_time:
            print(
                f"  made from it before or after that, which nobody knows: {_listed(damage.made_some_time)}"
            )
    depth = "by hash" if deep else "by size"
    print(f"{count} artifacts checked {depth}, {len(damages)} damaged" + (", taken out" if damages else ""))
    return 1 if damages else 0


def _listed(manifests: Sequence[Manifest]) -> str:
    return ", ".join(f"{manifest.kind} {manifest.key[:12]}" for manifest in manifests)


def tag(place: StorePlace, what: str, name: str) -> int:
    """Name a run or an artifact."""
    named = add_tag(place.open_existing(), what, name)
    print(f"{name}: " + (f"the run {named.run}" if named.run else f"the artifact {named.key[:12]}"))
    return 0


def untag(place: StorePlace, name: str) -> int:
    """Remove a tag; what it named stays until gc."""
    remove_tag(place.open_existing(), name)
    return 0


def budget(place: StorePlace, gigabytes: float) -> int:
    """Set how much the store may hold, 0 for no budget."""
    store = place.open_existing()
    set_budget(store, gigabytes)
    print(
        f"{store.place}: {store.used_bytes() / 1e9:.3g} GB" + (f" of {gigabytes:g} GB" if gigabytes else "")
    )
    return 0


def collect(place: StorePlace, keeping: Keeping, *, is_dry_run: bool) -> int:
    """Remove, or only weigh, what no run, no tag and no living process reaches."""
    if keeping.keep_last is not None and keeping.keep_last < 1:
        raise ValueError(f"--keep-last must be 1 or more, but was {keeping.keep_last}")
    garbage = collect_garbage(place.open_existing(), keeping=keeping, is_dry_run=is_dry_run)
    verb = "would free" if is_dry_run else "freed"
    print(
        f"{verb} {garbage.num_bytes} bytes: {len(garbage.manifests)} artifacts, {len(garbage.objects)} objects, "
        f"{len(garbage.leftovers)} leftovers"
    )
    return 0


def _print_lineage(store: Store, manifest: Manifest, *, depth: int, seen: set[str]) -> None:
    for name, keys in manifest.input_keys.items():
        for key in keys:
            source = store.manifest(key)
            repeated = " (see above)" if key in seen else ""
            print(f"{'  ' * depth}{name}: {source.kind if source else 'gone'} {key[:12]}{repeated}")
            if source and not repeated:
                seen.add(key)
                _print_lineage(store, source, depth=depth + 1, seen=seen)
