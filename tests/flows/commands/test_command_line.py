"""What every command says of places: where `--store` may stand, and what becomes of an error of the file system."""

import pytest

from flows.commands.command_line import USER_ERROR, main
from tasks.artifacts.store import Store


@pytest.mark.parametrize(
    "words",
    [["artifacts", "--store", "{}", "verify", "--deep"], ["artifacts", "verify", "--deep", "--store", "{}"]],
)
def test_artifacts_take_the_store_before_and_behind_the_command(tmp_path, monkeypatch, capsys, words):
    Store(tmp_path / "backup")
    monkeypatch.chdir(tmp_path)
    assert main([word.format("backup") for word in words]) == 0
    assert "0 artifacts checked by hash" in capsys.readouterr().out


def test_artifacts_look_into_the_usual_store_where_none_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["artifacts", "ls"]) == USER_ERROR
    assert (
        "there is no store at verisim-store; give its folder or URL with --store" in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("place", "reason"), [("real.json/x", "Not a directory"), ("/proc/nope/x", "No such file")]
)
def test_a_place_that_cannot_be_is_one_line(tiny_run, monkeypatch, capsys, place, reason):
    monkeypatch.chdir(tiny_run.parent)
    without_refiner = "arms=[[S]]"  # whose few updates would be warned of before
    assert main(["run", str(tiny_run), "--set", f"store={place}", "--set", without_refiner]) == USER_ERROR
    error = capsys.readouterr().err.strip()
    assert error.startswith("error: the store ") and place.split("/")[1] in error and f"({reason}" in error
    assert "\n" not in error


def test_a_configuration_names_its_store_without_an_option(tiny_run, capsys):
    assert main(["run", str(tiny_run), "--set", "refiner={from: run:nope}"]) == USER_ERROR
    error = capsys.readouterr().err
    assert "give its folder or URL with `store` in the configuration" in error and "--store" not in error
