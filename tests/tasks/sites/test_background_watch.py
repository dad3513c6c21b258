import json

from tasks.artifacts.store import Store
from tasks.building.run_context import Run
from tasks.sites.background_watch import (
    NO_VERSION,
    SiteState,
    changes,
    last_state,
    next_state,
    record_name,
    trained_refiner,
)
from tasks.sites.photo_watch import Photo, Scan


def photo(name):
    return Photo(f"top/{name}.png", "top", name, f"digest of {name}", "1 2")


def scan(*names):
    return Scan(tuple(photo(name) for name in names), {})


def test_a_version_follows_only_where_photos_or_the_site_file_changed():
    assert next_state(NO_VERSION, scan(), "site") is NO_VERSION
    first = next_state(NO_VERSION, scan("a", "b"), "site")
    assert (first.number, changes(NO_VERSION, first).added) == (1, ("a", "b"))
    assert next_state(first, scan("b", "a"), "site") is first
    second = next_state(first, scan("b", "c"), "site")
    assert second.number == 2
    assert changes(first, second).added == ("c",) and changes(first, second).removed == ("a",)
    assert next_state(first, scan("a", "b"), "site with another table").number == 2
    assert next_state(first, scan(), "site") == SiteState(2, "site", ())


def test_the_last_version_is_that_of_the_newest_finished_record(tmp_path):
    store = Store(tmp_path)
    assert last_state(store, "office") is NO_VERSION
    state = SiteState(3, "site", (photo("a"),))
    Run(store, record_name("office")).finish("completed", state.record())
    Run(store, record_name("office"), started=9e9).finish("failed", {})
    Run(store, record_name("other"), started=9e9).finish("completed", SiteState(8, "x", ()).record())
    assert last_state(store, "office") == state


def write_record(store, name, started, status="completed", refiner=None):
    artifacts = [{"kind": "refiner", "key": refiner}] if refiner else []
    record = {"run": name, "status": status, "started": started, "config": {}, "artifacts": artifacts}
    (store.root / "runs" / f"{name}-{started}.json").write_text(json.dumps(record))


def test_the_refiner_is_that_of_the_newest_finished_run_over_any_version(tmp_path, monkeypatch):
    store = Store(tmp_path)
    monkeypatch.setattr(Store, "find", lambda self, key: None if key == "gone" else key)
    assert trained_refiner(store, "office") is None
    write_record(store, "office", 1, refiner="first")
    write_record(store, "office.v2", 2, refiner="second")
    write_record(store, "office.v3", 3, refiner="gone")
    write_record(store, "office.v4", 4, status="failed", refiner="half")
    write_record(store, "office-west.v9", 5, refiner="of another site")
    assert trained_refiner(store, "office") == "second"
