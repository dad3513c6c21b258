"""Class tables in the forms that people have are read; what is wrong is said with its file, value and mend."""

import json

import pytest

from tasks.class_tables.reading import read_class_table

MAPILLARY = {
    "labels": [
        {"name": name, "readable": name.upper(), "color": color, "evaluate": evaluate, "instances": False}
        for name, color, evaluate in (
            ("construction--flat--road", [128, 64, 128], True),
            ("void--unlabeled", [0, 0, 0], False),
            ("nature--sky", [70, 130, 180], True),
        )
    ],
    "version": "1.1",
}


def read(tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return read_class_table(tmp_path / name)


def rows(table):
    return [(label.name, label.id, label.train_id, label.color) for label in table.labels]


def test_a_list_of_labels_with_ids_colours_and_ignored_ones(tmp_path):
    text = """
labels:
  - {name: road, id: 7, color: [128, 64, 128]}
  - {name: void, id: 0}
  - {name: mud, id: 3, ignore: true}
  - {name: car, id: 26, colour: [0, 0, 142]}
"""
    assert rows(read(tmp_path, "mine.yaml", text)) == [
        ("road", 7, 0, (128, 64, 128)),
        ("void", 0, None, None),
        ("mud", 3, None, None),
        ("car", 26, 1, (0, 0, 142)),
    ]


def test_training_ids_that_are_given_are_kept_and_255_is_ignored(tmp_path):
    text = "[{name: a, id: 1, train_id: 1}, {name: b, id: 2, trainId: 0}, {name: c, id: 3, trainId: 255}]"
    table = read(tmp_path, "mine.yaml", text)
    assert rows(table) == [("a", 1, 1, None), ("b", 2, 0, None), ("c", 3, None, None)]
    assert table.class_names() == ("b", "a")


@pytest.mark.parametrize(
    "text", ["[road, car]", "names: [road, car]", "{0: road, 1: car}", "names: {0: road, 1: car}"]
)
def test_names_alone_are_numbered(tmp_path, text):
    assert rows(read(tmp_path, "mine.yaml", text)) == [("road", 0, 0, None), ("car", 1, 1, None)]


def test_mapillary_s_config_numbers_its_labels_and_ignores_what_is_not_evaluated(tmp_path):
    table = read(tmp_path, "config.json", json.dumps(MAPILLARY))
    assert [row[1:] for row in rows(table)] == [
        (0, 0, (128, 64, 128)),
        (1, None, (0, 0, 0)),
        (2, 1, (70, 130, 180)),
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("label_colors.txt", "128 64 128\t\tRoad\n0 0 0\tVoid\n"),
        ("labelmap.txt", "# label:color_rgb:parts:actions\nRoad:128,64,128::\nVoid:0,0,0::\n"),
        ("class_dict.csv", "name,r,g,b\nRoad,128,64,128\nVoid,0,0,0\n"),
        ("classes.csv", "id,name,blue,green,red\n0,Road,128,64,128\n1,Void,0,0,0\n"),
    ],
)
def test_text_of_camvid_cvat_and_csv(tmp_path, name, text):
    assert rows(read(tmp_path, name, text)) == [("Road", 0, 0, (128, 64, 128)), ("Void", 1, None, (0, 0, 0))]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.yaml", "labels: 3", "holds 3, but a list of labels is needed"),
        ("a.yaml", "{x: road}", "has 'x' where an id is needed"),
        ("a.yaml", "[3]", "label 1 is 3"),
        ("a.yaml", "[{name: a, colr: 3}]", "unknown field 'colr'"),
        ("a.yaml", "[{id: 3}]", "label 1 has the name None"),
        ("a.yaml", "[{name: a, id: x}]", "the id 'x', but a whole number"),
        ("a.yaml", "[{name: a, color: [1, 2]}]", r"the colour \[1, 2\], but red, green and blue"),
        ("a.yaml", "[{name: a, color: [1, 2, 256]}]", "from 0 to 255"),
        ("a.yaml", "[{name: a, ignore: maybe}]", "'maybe' where true or false"),
        ("a.txt", "", "names no classes"),
        ("a.txt", "1 2 3 road\ncar\n", "none in 'car'"),
        ("a.csv", "r,g\n1,2\n", "`name` is needed"),
        ("a.csv", "name,r,g,b\na,1,2\n", "3 values in line 2, but 4 columns"),
        ("a.csv", "name,r,g,b\na,1,2,x\n", "'x' as b in line 2"),
        ("a.csv", "name,r,g\na,1,2\n", r"the colour \[1, 2\]"),
        ("a.pdf", "x", "of no kind that is read"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_the_file(tmp_path, name, text, message):
    with pytest.raises(ValueError, match=message) as error:
        read(tmp_path, name, text)
    assert str(tmp_path / name) in str(error.value) and "\n" not in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ValueError, match="there is no class table"):
        read_class_table(tmp_path / "none.yaml")
