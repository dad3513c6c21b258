"""Networks that were trained before, by what a person types: a key, a run, or an arm of a run."""

import string
from collections.abc import Callable
from typing import Any

from tasks.artifacts.lookup import all_records, find_artifact, run_records, without_tag
from tasks.artifacts.manifest import Manifest
from tasks.artifacts.recipe import Ref
from tasks.artifacts.store import Store


def training_label(kind: str, arm: str, seed: int | None = None) -> str:
    """What a run's record calls the training on the arm with this name; `seed` None where there is one a run."""
    return f"train {kind} on {arm}" + _with_seed(seed)


def part_label(kind: str, arm: str, seed: int | None = None) -> str:
    """The same of a network that is taken out of a larger training, such as the segmenter of a cycle."""
    return f"{kind} of {arm}" + _with_seed(seed)


def _with_seed(seed: int | None) -> str:
    return "" if seed is None else f", seed {seed}"


def find_trained(store: Store, model: str, *, kind: str) -> Manifest:
    """`model`: a key's first digits, RUN (its first arm), RUN:ARM (the first seed of the newest run) or RUN:ARM:SEED."""
    manifest = find_artifact(store, _key(store, model, kind))
    if manifest.kind != kind:
        raise ValueError(
            f"the artifact {manifest.key[:12]} is of the kind {manifest.kind}, but a {kind} is needed; "
            "`artifacts ls` lists the kinds"
        )
    return manifest


def require_whole(store: Store, manifest: Manifest) -> Ref:
    """ValueError where the artifact is gone or damaged."""
    ref = store.find(manifest.key)
    if ref is None:
        raise ValueError(
            f"the {manifest.kind} {manifest.key[:12]} is gone or damaged; run its configuration again"
        )
    return ref


def _key(store: Store, model: str, kind: str) -> str:
    run, has_arm, arm = model.partition(":")
    if not has_arm and not _is_run(store, model) and _is_key(store, model):
        return model
    return find_arm(store, run, arm if has_arm else None, kind=kind, spell=lambda name: f"{run}:{name}")


def _is_key(store: Store, text: str) -> bool:
    """Whether it may begin a key, or is a tag of one; what is neither can only be meant as a run."""
    return set(without_tag(store, text)) <= set(string.hexdigits)


def _is_run(store: Store, name: str) -> bool:
    wanted = without_tag(store, name)
    return any(wanted in (record["run"], record["id"]) for record in all_records(store))


def find_arm(store: Store, run: str, arm: str | None, *, kind: str, spell: Callable[[str], str]) -> str:
    """The key of what the newest run of this name that has such networks trained on the arm (ARM or ARM:SEED), or on its
    first one.

    ValueError lists what there is, an arm as `spell` has it.
    """
    records = run_records(store, run)
    record = next((item for item in records if _is_sweep(item) or _keys_by_arm(item, kind)), records[0])
    if _is_sweep(record):
        raise ValueError(
            f"{run!r} is a sweep, each of whose points has its own {kind}s; give the key of one, which `artifacts ls` "
            "lists"
        )
    keys = _keys_by_arm(record, kind)
    if not keys:
        raise ValueError(f"the run {run!r} has no {kind}; choose another, or run one that trains it")
    if arm is None:
        return next(iter(keys.values()))
    for name in _names(arm, list(keys)):
        if name in keys:
            return keys[name]
    known = ", ".join(repr(spell(name.replace(", seed ", ":"))) for name in keys)
    raise ValueError(f"{spell(arm)!r} asks for {arm!r} of the run {run!r}; its {kind}s are: {known}")


def _is_sweep(record: dict[str, Any]) -> bool:
    return "sections" in (record.get("config") or {})


def _keys_by_arm(record: dict[str, Any], kind: str) -> dict[str, str]:
    """Of the networks that the run has, by arm, with its seed where it has several."""
    found = (item for item in record["artifacts"] if item["kind"] == kind and item.get("key"))
    named = ((_arm_of(item["label"], kind), item["key"]) for item in found)
    return {arm: key for arm, key in named if arm}


def _arm_of(label: str, kind: str) -> str:
    """Of a training, or of a network that was taken out of one; "" of another label."""
    starts = (training_label(kind, ""), part_label(kind, ""))
    return next((label.removeprefix(start) for start in starts if label.startswith(start)), "")


def _names(arm: str, known: list[str]) -> list[str]:
    """What "R_train:16" may mean, likeliest first: an arm of that name, then seed 16 of the arm R_train."""
    names = [arm, *(name for name in known if name.startswith(f"{arm}, seed "))]
    name, _, seed = arm.rpartition(":")
    return [*names, f"{name}, seed {int(seed)}"] if name and seed.isdecimal() else names
