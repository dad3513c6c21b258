"""A refiner that was trained before, named by its key or by its run, for new renders without training."""

from pydantic import BaseModel, ConfigDict, Field

from models.configs import DeviceName
from tasks.artifacts.lookup import find_artifact, run_records
from tasks.artifacts.recipe import Ref
from tasks.artifacts.store import Store


class TrainedRefiner(BaseModel):
    """A refiner of an earlier run."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    # key of a refiner or its first digits (`artifacts ls`), or run:NAME for the newest run of that name
    source: str = Field(alias="from", min_length=4)
    device: DeviceName = "auto"  # where crops are refined; auto: CUDA where there is one


def find_refiner(store: Store, source: str, *, size_px: int) -> Ref:
    """The refiner that `source` names; ValueError where it is not exactly one, or is for crops of another size."""
    key = _key_of_run(store, source.removeprefix("run:")) if source.startswith("run:") else source
    manifest = find_artifact(store, key)
    if manifest.kind != "refiner":
        raise ValueError(
            f"refiner.from is {source!r}, but that artifact is of the kind {manifest.kind}; "
            "`artifacts ls` lists the keys of refiners"
        )
    ref = store.find(manifest.key)
    if ref is None:
        raise ValueError(f"the refiner {manifest.key[:12]} is damaged; run its configuration again")
    _check_size(store, ref, size_px)
    return ref


def _key_of_run(store: Store, name: str) -> str:
    """Of the newest run that has a refiner."""
    for record in run_records(store, name):
        keys = {item["key"] for item in record["artifacts"] if item["kind"] == "refiner" and item["key"]}
        if len(keys) > 1:
            listed = ", ".join(sorted(key[:12] for key in keys))
            raise ValueError(f"the run {name!r} has {len(keys)} refiners; give the key of one: {listed}")
        if keys:
            return keys.pop()
    raise ValueError(f"the run {name!r} has no refiner; choose another, or run one that trains it")


def _check_size(store: Store, ref: Ref, size_px: int) -> None:
    # Importing torch takes seconds: only a run that reuses a refiner pays for it.
    from models.training.checkpoints import load_checkpoint

    trained_px = load_checkpoint(store.folder(ref) / "refiner.pt", kind="refiner")["image_hw"][0]
    if trained_px != size_px:
        raise ValueError(
            f"the refiner {ref.key[:12]} was trained on crops of {trained_px} px, but crops.size_px is {size_px}; "
            f"set crops.size_px: {trained_px}, or train a refiner for {size_px} px"
        )
