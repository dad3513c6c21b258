"""`python -m flows artifacts ...`: list, show, verify and collect what the store holds."""

import time
from pathlib import Path

import yaml

from tasks.artifacts import Store
from tasks.artifacts.collection import collect_garbage
from tasks.artifacts.lookup import find_artifact
from tasks.artifacts.manifest import Manifest
from tasks.artifacts.verification import verify


def open_store(root: Path) -> Store:
    """The store at `root`; ValueError where there is none, so that a typing mistake makes no empty one."""
    if not (root / "layout").is_file():
        raise ValueError(
            f"there is no store at {root}; give its folder with --store, or run a configuration first"
        )
    return Store(root)


def list_artifacts(root: Path) -> int:
    """One line an artifact, oldest first."""
    store, total = open_store(root), 0
    for manifest in store.manifests():
        made = time.strftime("%Y-%m-%d %H:%M", time.localtime(manifest.created))
        size = manifest.ref.num_bytes
        total += size
        files = f"{len(manifest.files):6d} files {size / 1e6:9.2f} MB"
        print(f"{manifest.key[:12]}  {manifest.kind:<15} {made} {files} {manifest.seconds:8.1f} s")
    print(f"{total / 1e6:.1f} MB in all")
    return 0


def show_artifact(root: Path, key: str) -> int:
    """Where the files of one artifact lie, and all that it was made from."""
    store = open_store(root)
    manifest = find_artifact(store, key)
    print(f"folder: {store.object_folder(manifest.content)}")
    print(
        f"files: {len(manifest.files)}, {manifest.ref.num_bytes / 1e6:.2f} MB, built in {manifest.seconds:.1f} s"
    )
    print(yaml.safe_dump({"key": manifest.key, **manifest.parts}, sort_keys=False).rstrip())
    print("lineage:")
    _print_lineage(store, manifest, depth=1, seen=set())
    return 0


def verify_artifacts(root: Path, *, deep: bool) -> int:
    """Exit code 1 when something was damaged; the next run builds it again."""
    count, damages = verify(open_store(root), deep=deep)
    for damage in damages:
        print(f"damaged {damage.manifest.kind} {damage.manifest.key[:12]}: {'; '.join(damage.problems[:3])}")
    depth = "by hash" if deep else "by size"
    print(f"{count} artifacts checked {depth}, {len(damages)} damaged" + (", taken out" if damages else ""))
    return 1 if damages else 0


def collect(root: Path, *, is_dry_run: bool, keep_last: int | None) -> int:
    """Remove, or only weigh, what no run and no living process reaches."""
    if keep_last is not None and keep_last < 1:
        raise ValueError(f"--keep-last must be 1 or more, but was {keep_last}")
    garbage = collect_garbage(open_store(root), is_dry_run=is_dry_run, keep_last=keep_last)
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
