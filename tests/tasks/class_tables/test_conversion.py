"""Classes become another table's by their names, and what is lost is named."""

import numpy as np
import pytest

from tasks.class_tables.conversion import convert_table
from tasks.class_tables.known import known_table
from tasks.class_tables.reading import table_of


def converted(source, target):
    """The target's class of every source class, by name."""
    names = target.class_names()
    lookup = convert_table(source, target).lookup
    return {
        name: names[lookup[train_id]] if lookup[train_id] != 255 else None
        for train_id, name in enumerate(source.class_names())
    }


def test_cityscapes_becomes_camvid_s_11_classes_whole():
    assert converted(known_table("cityscapes"), known_table("camvid11")) == {
        "road": "Road", "sidewalk": "Pavement", "building": "Building", "wall": "Building", "fence": "Fence", "pole": "Pole",
        "traffic light": "SignSymbol", "traffic sign": "SignSymbol", "vegetation": "Tree", "terrain": "Tree", "sky": "Sky",
        "person": "Pedestrian", "rider": "Bicyclist", "car": "Car", "truck": "Car", "bus": "Car", "train": "Car",
        "motorcycle": "Bicyclist", "bicycle": "Bicyclist",
    }  # fmt: skip


def test_camvid_s_own_classes_become_segnet_s_11():
    found = converted(known_table("camvid32"), known_table("camvid11"))
    assert None not in found.values()
    groups = {name: {one for one, wide in found.items() if wide == name} for name in found.values()}
    assert groups["Car"] == {"Car", "OtherMoving", "SUVPickupTruck", "Train", "Truck_Bus"}
    assert groups["Building"] == {"Archway", "Bridge", "Building", "Tunnel", "Wall"}
    assert groups["Pedestrian"] == {"Animal", "CartLuggagePram", "Child", "Pedestrian"}


def test_what_has_no_class_is_ignored_and_named():
    conversion = convert_table(known_table("camvid11"), known_table("cityscapes"))
    assert conversion.unmapped == ("Bicyclist",)
    assert "rider" in conversion.missing and "road" not in conversion.missing
    assert conversion.lookup[255] == 255 and conversion.lookup[10] == 255
    line = conversion.line("camvid11", "cityscapes")
    assert (
        "ignored, as it has no such class: Bicyclist" in line and "never occur: wall, traffic light" in line
    )


def test_mapillary_s_names_count_without_what_stands_before_them():
    source = table_of(["construction--flat--road", "human--person", "nature--sky"], name="m", source="m")
    assert set(converted(source, known_table("cityscapes")).values()) == {"road", "person", "sky"}


def test_a_table_becomes_itself():
    table = known_table("cityscapes")
    lookup = convert_table(table, table).lookup
    assert np.array_equal(lookup[:19], np.arange(19)) and set(lookup[19:].tolist()) == {255}


def test_tables_without_a_common_class_are_refused():
    with pytest.raises(ValueError, match="no class of woodscape_soiling"):
        convert_table(known_table("woodscape_soiling"), known_table("cityscapes"))
