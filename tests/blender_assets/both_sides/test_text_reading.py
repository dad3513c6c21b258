import codecs
import json

import pytest

from blender_assets.both_sides.json_reading import read_json
from blender_assets.both_sides.text_reading import printable, read_text, shown
from blender_assets.both_sides.yaml_reading import read_yaml

MARKED = {
    "utf-8": "name: Büro→".encode(),
    "utf-8 with its mark": codecs.BOM_UTF8 + "name: Büro→".encode(),
    "utf-16": "name: Büro→".encode("utf-16"),
    "utf-16, big end first": codecs.BOM_UTF16_BE + "name: Büro→".encode("utf-16-be"),
    "utf-32": "name: Büro→".encode("utf-32"),
}

# which took half a minute to find
LAST_NAME_TWICE = json.dumps({f"k{number}": 0 for number in range(50_000)})[:-1] + ', "k49999": 1}'


@pytest.mark.parametrize("encoding", MARKED)
def test_a_mark_of_byte_order_tells_the_encoding_and_is_no_text(tmp_path, encoding):
    (tmp_path / "a.yaml").write_bytes(MARKED[encoding])
    assert read_text(tmp_path / "a.yaml") == "name: Büro→"
    assert read_yaml(tmp_path / "a.yaml") == {"name": "Büro→"}


def test_json_is_read_with_a_mark_and_with_tabs_also_as_a_site_file(tmp_path):
    (tmp_path / "a.json").write_bytes(codecs.BOM_UTF8 + b'{\n\t"a": [1, 2]\n}')
    assert read_json(tmp_path / "a.json") == read_yaml(tmp_path / "a.json") == {"a": [1, 2]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1, "a": 2}', "one object has the name 'a' twice; mend it"),
        (LAST_NAME_TWICE, "has the name 'k49999' twice"),
        ("[" * 100_000, "holds lists within lists too deep to read; export it again"),
        ("[" + "1" * 5000 + "]", "a number has 5000 digits, but at most 1000 are read"),
        ("", "is not valid JSON"),
        ("[1, 2", "is not valid JSON"),
        ("\x00", "is not valid JSON"),
    ],
)
def test_json_that_is_none_is_one_line(tmp_path, text, words):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(ValueError, match=rf"a\.json.*{words}") as error:
        read_json(tmp_path / "a.json")
    assert "\n" not in str(error.value) and len(str(error.value)) < 300


def test_values_are_shown_in_one_short_line():
    assert shown("a\nb") == r"'a\nb'" and shown(10**3000) == f"1{'0' * 76}..."
    assert shown(10**5000) == "a int that is too long to print"
    assert printable("a\nb\x1b[31m\ud800ü→") == r"a\nb\x1b[31m\ud800ü→"
