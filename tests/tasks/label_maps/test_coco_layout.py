"""COCO's panoptic and stuff files are found with their images, and read as pycocotools would."""

import json

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from tasks.label_maps.config import LabelMapsConfig
from tasks.label_maps.layouts import find_label_maps
from tasks.label_maps.reading import LabelReader
from tests.tasks.label_maps.made_up_maps import photo, write

CATEGORIES = [{"id": 1, "name": "person", "isthing": 1, "color": [220, 20, 60]}, {"id": 92, "name": "banner"}]
SEGMENTS = np.array([[0, 7, 7, 70_000]] * 2)  # 70,000 = 112 + 256 * 17 + 65,536 * 1
SIZE = (5, 3)
MASK = np.zeros(SIZE[::-1], np.uint8)
MASK[1:, 2:4] = 1


def panoptic(folder, **changes):
    write(folder / "val2017/000000000139.jpg", photo())
    colors = np.stack([SEGMENTS % 256, SEGMENTS // 256 % 256, SEGMENTS // 65536], 2).astype(np.uint8)
    write(folder / "annotations/panoptic_val2017/000000000139.png", colors)
    segments = [{"id": 7, "category_id": 92, "area": 4}, {"id": 70_000, "category_id": 1, "area": 2}]
    content = {
        "images": [{"id": 139, "file_name": "000000000139.jpg", "width": 4, "height": 2}],
        "annotations": [{"image_id": 139, "file_name": "000000000139.png", "segments_info": segments}],
        "categories": CATEGORIES,
    }
    (folder / "annotations/panoptic_val2017.json").write_text(json.dumps(content | changes))
    return folder


def stuff(folder, *segmentations, **changes):
    write(folder / "images/train2017/a.jpg", photo(size=SIZE))
    write(folder / "images/train2017/b.jpg", photo(1, size=SIZE))
    regions = [
        {"id": k, "image_id": 1, "category_id": (1, 92)[k % 2], "segmentation": one}
        for k, one in enumerate(segmentations)
    ]
    content = {
        "images": [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "b.jpg"}],
        "annotations": regions,
        "categories": CATEGORIES,
    }
    (folder / "annotations").mkdir()
    (folder / "annotations/stuff_train2017.json").write_text(json.dumps(content | changes))
    return folder


def compressed(mask=MASK):
    found = coco_mask.encode(np.asfortranarray(mask))
    return {"size": found["size"], "counts": found["counts"].decode()}


def runs(mask=MASK):
    flat, counts, last = mask.T.ravel().tolist(), [0], 0
    for value in flat:
        if value != last:
            counts.append(0)
            last = value
        counts[-1] += 1
    return {"size": list(mask.shape), "counts": counts}


def find(folder, **config):
    return find_label_maps(LabelMapsConfig(folder=".", **config), folder)


def read(dataset, size, index=0):
    return LabelReader(dataset.table, dataset.encoding).read(dataset.images[index], size)


def test_panoptic_segments_become_their_categories(tmp_path):
    dataset = find(panoptic(tmp_path))
    assert dataset.layout == "COCO panoptic" and dataset.images[0].split == "val"
    assert dataset.table.class_names() == ("person", "banner")
    assert read(dataset, (4, 2)).tolist() == [[255, 1, 1, 0]] * 2


def test_run_lengths_are_read_as_pycocotools_reads_them(tmp_path):
    outline = {"images": [{"id": 1, "file_name": "a.jpg"}]}
    for k, segmentation in enumerate((compressed(), runs(), [[2, 1, 4, 1, 4, 3, 2, 3]])):
        dataset = find(stuff(tmp_path / str(k), segmentation, **outline))
        assert dataset.layout == "COCO stuff" and dataset.images[0].split == "train"
        assert np.array_equal(read(dataset, SIZE), np.where(MASK == 1, 0, 255))


@pytest.mark.parametrize("seed", range(5))
def test_compressed_run_lengths_of_noise_are_read(tmp_path, seed):
    """Long and short runs, so that letters are more than one a run and differences are negative."""
    rng = np.random.default_rng(seed)
    mask = np.kron(rng.random((3, 4)) < 0.5, np.ones((90, 70))).astype(np.uint8)
    mask[rng.random(mask.shape) < 0.01] ^= 1
    write(tmp_path / "a.jpg", photo(size=mask.shape[::-1]))
    record = {"image_id": 1, "category_id": 92, "segmentation": compressed(mask)}
    content = {"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": [record], "categories": CATEGORIES}
    (tmp_path / "a.json").write_text(json.dumps(content))
    dataset = find(tmp_path)
    assert np.array_equal(read(dataset, mask.shape[::-1]) == 1, mask == 1)


def test_the_last_of_overlapping_regions_counts_and_an_image_may_have_none(tmp_path):
    other = np.zeros_like(MASK)
    other[2, 3:] = 1
    dataset = find(stuff(tmp_path, compressed(), runs(other)))
    assert read(dataset, SIZE).tolist() == [[255] * 5, [255, 255, 0, 0, 255], [255, 255, 0, 1, 1]]
    assert not dataset.images[1].has_label


@pytest.mark.parametrize(
    ("segmentation", "message"),
    [
        (
            {"size": [3, 4], "counts": [12]},
            r"of the size \[3, 4\], but the image has the height 3 and width 5",
        ),
        ({"size": [3, 5], "counts": [3, 4]}, "do not fill 5 x 3 pixels"),
        ({"size": [3, 5], "counts": [-3, 18]}, "do not fill"),
        ({"size": [3, 5], "counts": "\x7f\x7f"}, "which are damaged"),
        ([[1, 2, 3]], "x, y of at least three points"),
        ([[0, 0, 9e5, 0, 3, 3]], "leaves the image of 5 x 3"),
        ("x", "run lengths or outlines are needed"),
    ],
)
def test_a_region_that_cannot_be_meant_is_refused(tmp_path, segmentation, message):
    dataset = find(stuff(tmp_path, segmentation))
    with pytest.raises(ValueError, match=message) as error:
        read(dataset, SIZE)
    assert "stuff_train2017.json: region 1 of 'a.jpg'" in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": [{"id": 5, "file_name": "000000000139.jpg"}]}, "belongs to the unknown image id 139"),
        ({"images": [{"id": 139, "file_name": "no.jpg"}]}, "lists 'no.jpg', but there is no such file"),
        ({"images": 3}, "has no list images"),
        ({"categories": [{"name": "x"}]}, "category 1 has the id None"),
        ({"categories": []}, "a list of labels is needed"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(tmp_path, changes, message):
    with pytest.raises(ValueError, match=message):
        find(panoptic(tmp_path, **changes))


def test_a_segment_that_the_file_does_not_list_is_refused(tmp_path):
    segments = [{"id": 7, "category_id": 92}]
    record = {"image_id": 139, "file_name": "000000000139.png", "segments_info": segments}
    dataset = find(panoptic(tmp_path, annotations=[record]))
    with pytest.raises(
        ValueError, match=r"the segment 70000 \(colour \(112, 17, 1\)\), which .* does not list"
    ):
        read(dataset, (4, 2))


def test_categories_that_differ_between_files_are_refused(tmp_path):
    panoptic(tmp_path)
    content = json.loads((tmp_path / "annotations/panoptic_val2017.json").read_text())
    content["categories"] = CATEGORIES[:1]
    (tmp_path / "annotations/panoptic_train2017.json").write_text(json.dumps(content))
    with pytest.raises(ValueError, match="different categories"):
        find(tmp_path)


def test_a_broken_json_file_is_refused_unless_there_are_other_maps(tmp_path):
    write(tmp_path / "images/a.png", photo())
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(ValueError, match=r"a\.json is not valid JSON"):
        find(tmp_path)
    write(tmp_path / "labels/a.png", np.zeros((2, 4), np.uint8))
    assert find(tmp_path, classes="camvid11").layout == "folders of images and label maps"


def test_panoptic_and_stuff_in_one_folder_are_refused(tmp_path):
    panoptic(tmp_path)
    (tmp_path / "annotations").rename(tmp_path / "panoptic")
    stuff(tmp_path, compressed())
    with pytest.raises(ValueError, match="holds panoptic and stuff annotations"):
        find(tmp_path)
