"""`python -m flows export ...`: a dataset of the store in a form that other tools read."""

from pathlib import Path

from flows.artifact_commands import open_store
from tasks.annotations import TARGETS, AnnotatedImage, Target, read_coco
from tasks.artifacts import Store
from tasks.artifacts.lookup import find_artifact, run_records
from tasks.exporting import Format, export_dataset
from tasks.exporting.selection import Source

# Kinds of artifacts that hold annotations.json.
_KINDS = ("dataset", "scenes", "refined-scenes", "real-images")
_SETS = {"S": "scenes", "S+": "refined-scenes"}


def export(
    root: Path, source: str, to: Path, *, form: Format, target: Target | None, min_visibility: float
) -> int:
    """Export the artifact with the key `source`, or RUN:S or RUN:S+ of the newest run of that name."""
    store = open_store(root)
    folders = _folders(store, source)
    sources = [Source(folder, image, _name(image)) for folder, image in folders]
    targets = TARGETS if target is None else (target,)
    count = export_dataset(sources, to, form=form, targets=targets, min_visibility=min_visibility)
    print(f"{to}: {len(sources)} images, {count} boxes of {' and '.join(targets)}, as {form}")
    return 0


def _folders(store: Store, source: str) -> list[tuple[Path, AnnotatedImage]]:
    keys = _keys_of_run(store, source) if ":" in source else [find_artifact(store, source).key]
    images: list[tuple[Path, AnnotatedImage]] = []
    for key in keys:
        ref = store.find(key)
        if ref is None:
            raise ValueError(f"the artifact {key[:12]} is gone or damaged; run its configuration again")
        if ref.kind not in _KINDS:
            raise ValueError(
                f"the artifact {key[:12]} is of the kind {ref.kind}, but only {', '.join(_KINDS)} hold annotated "
                "images; `artifacts ls` lists the kinds"
            )
        folder = store.folder(ref)
        images += [(folder, image) for image in read_coco(folder / "annotations.json")]
    return images


def _keys_of_run(store: Store, source: str) -> list[str]:
    """The artifacts that make up RUN:S or RUN:S+."""
    name, _, part = source.rpartition(":")
    if part not in _SETS:
        raise ValueError(
            f"{source!r} asks for {part!r} of the run {name!r}; allowed are {name}:S and {name}:S+"
        )
    record = run_records(store, name)[0]
    if "sections" in (record.get("config") or {}):
        raise ValueError(
            f"{name!r} is a sweep, each of whose points has its own {part}; export an artifact by its key, "
            f"which the record {store.root}/runs and `artifacts ls` list"
        )
    keys = [artifact["key"] for artifact in record["artifacts"] if artifact["kind"] == _SETS[part]]
    if not keys:
        raise ValueError(f"the run {name!r} made no {part}; choose another, or run one that does")
    return list(dict.fromkeys(keys))


def _name(image: AnnotatedImage) -> str:
    """Scenes are numbered anew for each background; its name keeps them apart, as in gathered datasets."""
    name, background = Path(image.file_name).name, image.extra.get("background")
    return name if background is None or name.startswith(background) else f"{background}_{name}"
