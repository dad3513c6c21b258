import pytest
import yaml

from blender_assets.both_sides.yaml_reading import parse_yaml, read_yaml
from blender_assets.site import load_site


def test_what_is_written_once_is_read_as_a_plain_reader_does():
    text = "base: &base {x: 1, y: [2, yes]}\nown: {<<: *base, x: 3}\n1: a\n'1': b\n"
    assert parse_yaml(text, source="text") == yaml.safe_load(text)


def test_a_key_given_twice_is_named_with_both_lines(tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text("name: a\ncameras:\n  top: {height_m: 2}\n  top: {height_m: 3}\n")
    with pytest.raises(ValueError, match=rf"{path}: top is given twice, in lines 3 and 4; remove one"):
        load_site(path)


def test_a_file_in_another_encoding_is_named(tmp_path):
    path = tmp_path / "run.yaml"
    path.write_bytes("name: Büro".encode("latin-1"))
    with pytest.raises(ValueError, match=f"{path} is not in UTF-8"):
        read_yaml(path)


def test_broken_yaml_and_dates_that_are_none_are_one_line(tmp_path):
    for text in ("a: [", "a: 2026-13-45"):
        with pytest.raises(ValueError, match=r"^text") as error:
            parse_yaml(text, source="text")
        assert "\n" not in str(error.value)
