"""Whatever stands in a file that a command is given, the command ends with exit code 2 and one clear line."""

import json
import re
from pathlib import Path

import pytest
import yaml

from flows.commands.command_line import main

LAUGHS = "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
FOREIGN = {
    "a tag": (
        "x: !!python/object/apply:os.system ['true']\n",
        "the tag 'tag:yaml.org,2002:python/object/apply:os.system'",
    ),
    "laughs": (f"a: &a [x, x, x]\n{LAUGHS}", "its aliases .* stand for more than 100000 values; write fewer"),
    "itself": ("a: &a [*a]\n", "the value in line 1 holds itself by an alias; write it out"),
    "depth": (f"a: {'[' * 5000}\n", "holds lists within lists too deep to read"),
    "a key twice": ("name: a\nname: b\n", "name is given twice, in lines 1 and 2; remove one"),
    "a list": ("- name\n- site\n", "mapping"),
    "digits": (f"name: {'1' * 5000}\n", r"'1+\.\.\. in line 1 is no whole number"),
    "latin-1": ("name: B\u00fcro\n", "is not in UTF-8"),
    "binary": ("\x00\x01", "is not valid YAML or JSON"),
}
COMMANDS = {
    "run": (["run", "run.yaml", "--dry-run"], "run.yaml"),
    "explain": (["explain", "run.yaml"], "run.yaml"),
    "preview": (["preview", "site.yaml"], "site.yaml"),
    "sweep": (["sweep", "sweep.yaml", "--dry-run"], "sweep.yaml"),
    "base": (["sweep", "sweep.yaml", "--dry-run"], "run.yaml"),
    "a pretraining": (["run", "pretrain.yaml"], "pretrain.yaml"),
    "site of a run": (["run", "run.yaml", "--dry-run"], "site.yaml"),
}


def refused(folder: Path, command: list[str], capfd) -> str:
    """The one line that a command ends with."""
    arguments = [str(folder / word) if word.endswith(".yaml") else word for word in command]
    there = sorted(folder.rglob("*"))
    assert main(arguments) == 2
    (line,) = capfd.readouterr().err.strip().splitlines()
    assert line.startswith("error: ") and sorted(folder.rglob("*")) == there
    return line


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("what", FOREIGN)
def test_a_foreign_configuration_is_one_line(tiny_run, capfd, command, what):
    words, name = COMMANDS[command]
    text, message = FOREIGN[what]
    (tiny_run.parent / "sweep.yaml").write_text("name: s\nbase: run.yaml\ngrid: {crops.size_px: [32, 64]}\n")
    (tiny_run.parent / name).write_bytes(text.encode("latin-1"))
    assert re.search(message, refused(tiny_run.parent, words, capfd))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("detector.learning_rate", float("nan"), "learning_rate must be > 0, but was nan"),
        ("detector.learning_rate", float("inf"), "detector.learning_rate must be a finite number"),
        ("refiner.epochs", 10**30, "refiner.epochs must be a finite number of less than 19 digits"),
        ("real_images", ["real.json"], "real_images must be a section with fields of its own"),
        ("real_images.annotations", {"a": 1}, "real_images.annotations must be text"),
        ("arms", "S+", "arms must be a list"),
        ("name", [1], "name must be text"),
        ("detector.losses", 3, "detector.losses must be a section"),
    ],
)
@pytest.mark.parametrize("command", ["run", "explain", "base"])
def test_a_foreign_value_is_named_with_its_field(tiny_run, capfd, command, field, value, message):
    content = yaml.safe_load(tiny_run.read_text())
    *sections, last = field.split(".")
    section = content
    for name in sections:
        section = section[name]
    section[last] = value
    tiny_run.write_text(yaml.safe_dump(content))
    (tiny_run.parent / "sweep.yaml").write_text("name: s\nbase: run.yaml\ngrid: {crops.size_px: [32, 64]}\n")
    if field == "name" and command == "base":
        pytest.skip("a sweep has a name of its own")
    assert message in refused(tiny_run.parent, COMMANDS[command][0], capfd)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ["x"]}, "name must be text"),
        ({"backgrounds": {"image": "empty.png"}}, r"backgrounds must be a list in \[\.\.\]"),
        ({"backgrounds": ["empty.png"]}, r"backgrounds\.0 must be a section with fields of its own"),
        ({"cameras": ["top"]}, "cameras must be a section with fields of its own"),
        ({"cameras.top.height_m": "high"}, r"cameras\.top\.height_m must be a number, but was 'high'"),
        ({"cameras.top.height_m": float("inf")}, r"cameras\.top\.height_m must be a finite number"),
        ({"cameras.top.lens": "fisheye"}, r"cameras\.top\.lens must be a section"),
        (
            {"cameras.top.lens": {"model": "fish"}},
            r"cameras\.top\.lens must have a model of 'fisheye_equidistant'",
        ),
        ({"cameras.top.occluders.0.polygon_px": [[1, 2, 3]] * 3}, "must have at most 2 values, but has 3"),
        ({"cameras.top.floor.radius_m": 10**400}, r"cameras\.top\.floor\.radius_m must be a"),
    ],
)
@pytest.mark.parametrize("command", ["preview", "site of a run"])
def test_a_foreign_site_is_named_with_its_field(tiny_run, capfd, command, change, message):
    path = tiny_run.parent / "site.yaml"
    content = yaml.safe_load(path.read_text())
    for field, value in change.items():
        *sections, last = field.split(".")
        section = content
        for name in sections:
            section = section[int(name) if name.isdigit() else name]
        section[last] = value
    path.write_text(yaml.safe_dump(content))
    assert re.search(message, refused(tiny_run.parent, COMMANDS[command][0], capfd))


def test_a_message_holds_nothing_that_steers_a_terminal(tiny_run, capfd):
    content = json.loads((tiny_run.parent / "real.json").read_text())
    content["images"][0]["file_name"] = "a\n\x1b[31m.png"
    (tiny_run.parent / "real.json").write_text(json.dumps(content))
    line = refused(tiny_run.parent, COMMANDS["run"][0], capfd)
    assert line.isprintable() and r"a\n\x1b[31m.png" in line
