"""`python -m flows export ...`: a dataset, detections or label maps of the store in a form that other tools read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from tasks.artifacts.lineage import ancestors, library_versions
from tasks.artifacts.lookup import find_artifact, run_records
from tasks.artifacts.opening import StorePlace
from tasks.artifacts.recipe import Ref
from tasks.artifacts.store import Store
from tasks.datasets.annotations import TARGETS, AnnotatedImage, Target, read_coco
from tasks.exporting.card import NO_LICENCE, Origin
from tasks.exporting.export import FORMATS, ExportConfig, Format, export_dataset
from tasks.exporting.label_maps import LabelMapForm, export_label_maps
from tasks.exporting.predictions import PREDICTION_FORMS, export_predictions, read_predictions
from tasks.exporting.selection import Source

# Kinds of artifacts that hold annotations.json.
_KINDS = ("dataset", "scenes", "refined-scenes", "real-images")
# Fields of a run that say where things lie on this machine.
_PLACES = ("store", "store_cache", "output", "site", "real_images", "compute")
_SETS = {"S": "scenes", "S+": "refined-scenes"}
# Kinds that a run has many of, each found by its label.
_LABELLED = ("detections", "label-maps")
LABEL_MAP_FORMS: tuple[LabelMapForm, ...] = get_args(LabelMapForm)


@dataclass(frozen=True)
class ExportChoice:
    """What to write: the form, of which target (None: all), and from which visibility or score on."""

    form: Format | LabelMapForm
    target: Target | None = None
    min_visibility: float = 0.0
    min_score: float = 0.0


def export(place: StorePlace, source: str, to: Path, choice: ExportChoice) -> int:
    """Export the artifact with the key `source`, or RUN:S, RUN:S+ or RUN:LABEL of detections or of label maps, of the newest
    such run.
    """
    store = place.open_existing()
    refs = _find_refs(store, source)
    if refs[0].kind == "label-maps":
        return _export_label_maps(store, source, refs, to, choice)
    if refs[0].kind == "detections":
        return _export_detections(store, refs[0], to, choice)
    form = _box_form(choice)
    sources = [Source(folder, image, _name(image)) for folder, image in _read_images(store, refs)]
    targets = TARGETS if choice.target is None else (choice.target,)
    config = ExportConfig(form, targets, choice.min_visibility)
    count = export_dataset(sources, to, config, _origin(store, source, refs))
    print(f"{to}: {len(sources)} images, {count} boxes of {' and '.join(targets)}, as {form}")
    return 0


def _box_form(choice: ExportChoice) -> Format:
    if choice.form not in FORMATS:
        raise ValueError(f"--format {choice.form} is for label maps; choose one of {', '.join(FORMATS)}")
    return choice.form


def _export_label_maps(store: Store, source: str, refs: list[Ref], to: Path, choice: ExportChoice) -> int:
    if choice.form not in LABEL_MAP_FORMS:
        raise ValueError(
            f"{source!r} has label maps, which --format {choice.form} does not; choose one of {', '.join(LABEL_MAP_FORMS)}"
        )
    folders, origin = [store.folder(ref) for ref in refs], _origin(store, source, refs)
    written = export_label_maps(folders, to, choice.form, origin)
    print(f"{to}: {written.num_images} images, {written.num_labelled} with label maps, as {choice.form}")
    for note in written.notes:
        print(note)
    return 0


def _origin(store: Store, source: str, refs: list[Ref]) -> Origin:
    """For the dataset's card; licence, configuration and real splits are known of a run only."""
    manifests = ancestors(store, refs)
    record = run_records(store, source.partition(":")[0])[0] if ":" in source else {}
    configuration = record.get("config") or {}
    photos = [
        {"name": manifest.parts["config"]["name"], "digest": manifest.parts["inputs"]["photo"]}
        for manifest in manifests
        if manifest.kind == "background"
    ]
    return Origin(
        source=source,
        licence=configuration.get("licence") or NO_LICENCE,
        artifacts=[{"kind": item.kind, "key": item.key, "made_from": item.input_keys} for item in manifests],
        photos=photos,
        refiners=[manifest.key for manifest in manifests if manifest.kind in ("refiner", "translator")],
        real_splits=_real_splits(store, record),
        libraries=library_versions(manifests),
        configuration={name: value for name, value in configuration.items() if name not in _PLACES},
    )


def _real_splits(store: Store, record: dict[str, Any]) -> dict[str, int]:
    """Number of images of every real split of a run."""
    keys = [item["key"] for item in record.get("artifacts", ()) if item["kind"] == "real-images"]
    manifests = [manifest for key in keys if (manifest := store.manifest(key))]
    configs = [manifest.parts["config"] for manifest in manifests]
    return {config["split"]: len(config["file_names"]) for config in configs}


def _export_detections(store: Store, ref: Ref, to: Path, choice: ExportChoice) -> int:
    form = _box_form(choice)
    if form == "rotated":
        raise ValueError(f"detections are upright boxes; choose one of {', '.join(PREDICTION_FORMS)}")
    prepared = _only_input(store, ref, "images")
    images = read_coco(store.folder(_only_input(store, prepared, "images")) / "annotations.json")
    manifest = store.manifest(prepared.key)
    assert manifest is not None
    target: Target = manifest.parts["config"]["target"]
    if choice.target not in (None, target):
        raise ValueError(f"the detections are of {target}s; leave --target {choice.target} out")
    predictions = read_predictions(store.folder(ref), images)
    count = export_predictions(predictions, to, form=form, target=target, min_score=choice.min_score)
    print(f"{to}: {len(predictions)} images, {count} detections of {target}, as {form}")
    return 0


def _only_input(store: Store, ref: Ref, name: str) -> Ref:
    """The artifact that another was made from."""
    manifest = store.manifest(ref.key)
    assert manifest is not None
    return _find(store, manifest.input_keys[name][0])


def _find_refs(store: Store, source: str) -> list[Ref]:
    keys = _keys_of_run(store, source) if ":" in source else [find_artifact(store, source).key]
    return [_find(store, key) for key in keys]


def _find(store: Store, key: str) -> Ref:
    ref = store.find(key)
    if ref is None:
        raise ValueError(f"the artifact {key[:12]} is gone or damaged; run its configuration again")
    return ref


def _read_images(store: Store, refs: list[Ref]) -> list[tuple[Path, AnnotatedImage]]:
    images: list[tuple[Path, AnnotatedImage]] = []
    for ref in refs:
        if ref.kind not in _KINDS:
            raise ValueError(
                f"the artifact {ref.key[:12]} is of the kind {ref.kind}, but only {', '.join(_KINDS)} hold annotated "
                "images, and detections what was found in such; `artifacts ls` lists the kinds"
            )
        folder = store.folder(ref)
        images += [(folder, image) for image in read_coco(folder / "annotations.json")]
    return images


def _keys_of_run(store: Store, source: str) -> list[str]:
    """The artifacts that make up RUN:S or RUN:S+, or the one of detections or label maps whose label follows the colon."""
    name, _, part = source.partition(":")
    record = run_records(store, name)[0]
    if "sections" in (record.get("config") or {}):
        raise ValueError(
            f"{name!r} is a sweep, each of whose points has its own {part}; export an artifact by its key, "
            f"which the record {store.place}/runs and `artifacts ls` list"
        )
    artifacts = record["artifacts"]
    labels = {item["label"]: item["key"] for item in artifacts if item["kind"] in _LABELLED}
    if part in labels:
        return [labels[part]]
    if part not in _SETS:
        has_maps = any(item["kind"] == "label-maps" for item in artifacts)
        allowed = ", ".join(
            [*([] if has_maps else [f"{name}:S and {name}:S+"]), *(f"'{name}:{label}'" for label in labels)]
        )
        raise ValueError(f"{source!r} asks for {part!r} of the run {name!r}; allowed are {allowed}")
    keys = [artifact["key"] for artifact in artifacts if artifact["kind"] == _SETS[part]]
    if not keys:
        raise ValueError(f"the run {name!r} made no {part}; choose another, or run one that does")
    return list(dict.fromkeys(keys))


def _name(image: AnnotatedImage) -> str:
    """Scenes are numbered anew for each background; its name keeps them apart, as in gathered datasets."""
    name, background = Path(image.file_name).name, image.extra.get("background")
    return name if background is None or name.startswith(background) else f"{background}_{name}"
