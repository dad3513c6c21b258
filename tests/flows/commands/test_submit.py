"""What `flows submit` sends, without a server."""

from pathlib import Path

import pytest
import yaml

from flows.commands.command_line import main
from flows.commands.submit import run_order, sweep_order
from flows.people.config import PeopleConfig
from flows.sweeps.config import SweepConfig, list_points
from tests.flows.serving import free_port

REFINER = {"epochs": 4, "generator": {"filters": 4, "blocks": 1}, "discriminator": {"filters": 4}}


def test_a_run_is_sent_with_absolute_places_and_is_read_as_equal(tiny_run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    order = run_order(tiny_run, ["store=here/store", "output=s3://bucket/runs"])
    config = PeopleConfig.model_validate(order.config)
    assert (config.store, config.output) == (str(tmp_path / "here/store"), "s3://bucket/runs")
    assert Path(config.site or "").is_absolute() and config.render.scenes_per_background == 2
    assert (order.deployment, order.name) == ("augment/photos-to-report", "tiny")


def test_a_sweep_is_sent_with_absolute_places_and_gives_the_same_points(tiny_run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plain.yaml").write_text(yaml.safe_dump(REFINER))
    sweep = {
        "name": "small",
        "base": "run.yaml",
        "grid": {"refiner": ["plain.yaml"], "training.refiner_seed": [0, 1]},
    }
    path = tmp_path / "sweep.yaml"
    path.write_text(yaml.safe_dump(sweep, sort_keys=False))
    order = sweep_order(path, ["store=other", "output=out", "arms=[]"])
    points = list_points(SweepConfig.model_validate(order.config))
    assert [point.values["training.refiner_seed"] for point in points] == ["0", "1"]
    assert {point.config.store for point in points} == {str(tmp_path / "other")}
    assert order.deployment == "sweep/grid-to-table" and order.page == tmp_path / "out/small/sweep/index.html"


@pytest.mark.parametrize("command", [["runs"], ["logs", "tiny"], ["submit", "run.yaml"], ["cancel", "tiny"]])
def test_without_a_server_it_is_said_how_to_start_one(tiny_run, command, monkeypatch, capsys):
    monkeypatch.chdir(tiny_run.parent)
    port = free_port()
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{port}/api")
    assert main(command) == 2
    said = capsys.readouterr().err
    assert f"error: no Prefect server answers at http://127.0.0.1:{port}/api" in said
    assert "start one with `python -m flows up`" in said


def test_a_site_is_watched_only_where_its_run_could_begin(tiny_run, capsys):
    (tiny_run.parent / "empty.png").unlink()
    watch = ["watch", str(tiny_run), "--photos", str(tiny_run.parent)]
    for command in (["run", str(tiny_run), "--dry-run"], watch):
        assert main(command) == 2
        assert "empty.png" in capsys.readouterr().err


def test_a_mistake_is_found_before_anything_is_sent(tiny_run, capsys):
    assert main(["submit", str(tiny_run), "--set", "render.scenes_per_background=0"]) == 2
    assert "render.scenes_per_background" in capsys.readouterr().err
