import json

import pytest

from models.training.checkpoints import save_checkpoint
from tasks.artifacts.recipe import Recipe
from tasks.artifacts.store import Store
from tasks.training.refiner_reuse import TrainedRefiner, find_refiner


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def publish(store, kind, seed, *, size_px=64):
    """An artifact with what a refiner of crops of this size writes."""
    recipe = Recipe(kind, {"seed": seed}, {}, ("tasks.building.progress",), ())
    state = {"kind": "refiner", "seed": seed, "image_hw": [size_px, size_px]}
    return store.obtain(recipe, lambda out: save_checkpoint(out / "refiner.pt", state)).ref


def record(store, name, started, *keys, kind="refiner"):
    content = {"run": name, "started": started, "artifacts": [{"kind": kind, "key": key} for key in keys]}
    (store.root / f"runs/{name}-{started}.json").write_text(json.dumps(content))


def test_a_refiner_is_found_by_its_key_and_by_the_first_digits(store):
    ref = publish(store, "refiner", 0)
    assert find_refiner(store, ref.key, size_px=64) == ref == find_refiner(store, ref.key[:8], size_px=64)


def test_run_name_is_the_refiner_of_the_newest_run_that_has_one(store):
    old, new = publish(store, "refiner", 0), publish(store, "refiner", 1)
    record(store, "demo", 1, old.key)
    record(store, "demo", 2, new.key, new.key)
    record(store, "demo", 3, "", kind="refiner")  # its training failed
    record(store, "other", 4, old.key)
    assert find_refiner(store, "run:demo", size_px=64) == new


def test_what_names_no_refiner_is_one_clear_line(store):
    refiner, crops = publish(store, "refiner", 0), publish(store, "crops", 1)
    second = publish(store, "refiner", 2)
    record(store, "sweep", 1, refiner.key, second.key)
    record(store, "bare", 1, crops.key, kind="crops")
    for source, message in (
        ("ffff0000", "no artifact has a key that starts with 'ffff0000'"),
        (crops.key, "refiner.from is .* of the kind crops"),
        ("run:none", "the store has no run 'none'; its runs are: bare, sweep"),
        ("run:bare", "the run 'bare' has no refiner"),
        ("run:sweep", f"the run 'sweep' has 2 refiners; give the key of one: .*{refiner.key[:12]}"),
    ):
        with pytest.raises(ValueError, match=message) as error:
            find_refiner(store, source, size_px=64)
        assert "\n" not in str(error.value)


def test_digits_that_several_keys_share_are_refused(store):
    refs = [publish(store, "refiner", seed) for seed in range(17)]  # 17 keys, 16 first digits
    first = next(ref.key[0] for ref in refs if sum(other.key[0] == ref.key[0] for other in refs) > 1)
    with pytest.raises(ValueError, match=r"\d+ artifacts have a key that starts with"):
        find_refiner(store, first, size_px=64)


def test_crops_of_another_size_are_refused(store):
    ref = publish(store, "refiner", 0, size_px=64)
    with pytest.raises(ValueError, match=r"trained on crops of 64 px, but crops\.size_px is 128"):
        find_refiner(store, ref.key, size_px=128)


def test_a_damaged_refiner_is_refused(store):
    ref = publish(store, "refiner", 0)
    path = store.folder(ref) / "refiner.pt"
    path.chmod(0o644)
    path.write_bytes(b"")
    with pytest.raises(ValueError, match=r"is damaged; run its configuration again"):
        find_refiner(store, ref.key, size_px=64)


def test_its_configuration_is_written_as_it_is_read():
    config = TrainedRefiner.model_validate({"from": "run:demo"})
    assert TrainedRefiner.model_validate(config.model_dump(mode="json")) == config
    assert config.model_dump() == {"from": "run:demo", "device": "auto"}
