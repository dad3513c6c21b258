"""Figures as Prometheus's own parser reads them."""

import json
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from flows.watching.metrics import MachineFigures, StoreFigures, write_figures
from tasks.artifacts.recipe import Recipe
from tasks.artifacts.store import Store


def figures(text: str) -> dict[tuple[str, ...], float]:
    """Values by name and labels' values."""
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    found = {(item.name, *item.labels.values()): item.value for item in samples}
    assert len(found) == len(samples), "a figure comes twice"
    return found


def scraped(*collectors) -> dict[tuple[str, ...], float]:
    registry = CollectorRegistry(auto_describe=False)
    for collector in collectors:
        registry.register(collector)
    return figures(generate_latest(registry).decode())


def record(store: Store, run: str, started: float, status: str, *steps: tuple[str, str, float]) -> None:
    artifacts = [{"kind": kind, "state": state, "seconds": seconds} for kind, state, seconds in steps]
    content = {"run": run.partition("-")[0], "status": status, "started": started, "ended": started + 60.0}
    store.write_record(run, json.dumps(content | {"config": {}, "artifacts": artifacts}))


@pytest.fixture
def store(tmp_path) -> Store:
    store = Store(tmp_path / "store")
    store.obtain(Recipe("crops", {}, {}, (), ()), lambda out: (out / "a").write_bytes(b"x" * 1000))
    record(
        store,
        "demo-1",
        100.0,
        "completed",
        ("scenes", "built", 2.5),
        ("scenes", "built", 4.0),
        ("crops", "reused", 0.0),
    )
    record(store, "demo-2", 200.0, "failed", ("scenes", "reused", 0.0), ("refiner", "failed", 0.0))
    record(store, "hall-1", 150.0, "running")
    return store


def test_runs_and_steps_are_counted(store):
    found = scraped(StoreFigures(store))
    assert found["verisim_store_up",] == 1 and found["verisim_store_bytes",] == 1000
    assert {key[1]: value for key, value in found.items() if key[0] == "verisim_runs"} == {
        "completed": 1,
        "failed": 1,
        "running": 1,
    }
    steps = {key[1:]: value for key, value in found.items() if key[0] == "verisim_steps_total"}
    assert steps == {
        ("scenes", "built"): 2,
        ("scenes", "reused"): 1,
        ("crops", "reused"): 1,
        ("refiner", "failed"): 1,
    }
    assert found["verisim_step_seconds_total", "scenes"] == 6.5
    assert found["verisim_last_run_timestamp_seconds", "demo"] == 200
    assert found["verisim_last_run_seconds", "demo"] == 60
    assert found["verisim_last_run_status", "demo", "failed"] == 1
    assert found["verisim_last_run_steps", "demo", "built"] == 0
    assert found["verisim_last_run_steps", "demo", "reused"] == 1


def test_counters_do_not_fall_when_a_record_goes_and_follow_one_that_grows(store):
    collector = StoreFigures(store)
    scraped(collector)
    store.delete_records(["demo-1"])
    record(store, "hall-1", 150.0, "completed", ("scenes", "built", 1.0))
    found = scraped(collector)
    assert found["verisim_steps_total", "scenes", "built"] == 3
    assert found["verisim_step_seconds_total", "scenes"] == 7.5


def test_bytes_are_weighed_again_after_five_minutes_and_a_damaged_record_counts_for_nothing(store):
    now = 0.0
    collector = StoreFigures(store, clock=lambda: now)
    scraped(collector)
    (store.root / "runs/broken-1.json").write_text('{"run": "bro')
    store.obtain(Recipe("crops", {"n": 2}, {}, (), ()), lambda out: (out / "a").write_bytes(b"y" * 500))
    assert scraped(collector)["verisim_store_bytes",] == 1000
    now = 301.0
    assert scraped(collector)["verisim_store_bytes",] == 1500


def test_a_store_that_is_away_is_told_by_a_figure(store, monkeypatch):
    monkeypatch.setattr(store, "records", lambda: (_ for _ in ()).throw(OSError("away")))
    assert scraped(StoreFigures(store))["verisim_store_up",] == 0


def test_a_machine_s_figures_are_written_for_the_node_exporter(tmp_path, monkeypatch):
    command = tmp_path / "nvidia-smi"
    command.write_text("#!/bin/sh\necho '0, NVIDIA H200, 50, 1, [N/A]'\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    path = tmp_path / "prom/verisim.prom"
    write_figures(path, MachineFigures((tmp_path, Path("/nowhere"))))
    found = figures(path.read_text())
    assert found["verisim_gpu_busy_share", "0", "NVIDIA H200"] == 0.5
    assert found["verisim_gpu_memory_used_bytes", "0", "NVIDIA H200"] == 2**20
    assert 0 < found["verisim_disk_free_bytes", str(tmp_path)] <= found["verisim_disk_bytes", str(tmp_path)]
    assert not any("/nowhere" in key or key[0] == "verisim_gpu_memory_bytes" for key in found)
    assert [item.name for item in path.parent.iterdir()] == ["verisim.prom"]
