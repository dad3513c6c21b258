"""Step: look for images of different splits that look like copies, and for sequences in several splits."""

import json
from pathlib import Path

from tasks.building.steps import step
from tasks.datasets.leaks import HashedImage, difference_hash, find_leaks
from tasks.formats.label_maps import read_label_maps
from tasks.label_maps.leaks import Place, cut_sequences


@step("label-map-leaks", libraries=("numpy", "opencv-python-headless"))
def check_label_map_leaks(out: Path, config: None, splits: list[Path]) -> None:
    """`leaks.json`: the sentences of pairs, most alike first, and of cut sequences, among imported splits."""
    hashed, places = [], []
    for folder in splits:
        found = read_label_maps(folder)
        for record, image in zip(found.records, found.images, strict=True):
            hashed.append(HashedImage(record.name, record.split, difference_hash(image)))
            places.append(Place(record.camera, record.sequence, record.split))
    content = {
        "pairs": [leak.sentence() for leak in find_leaks(hashed)],
        "cut_sequences": cut_sequences(places),
    }
    (out / "leaks.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
