"""`python -m flows segment ...`: the class of every pixel of photos, as index PNGs, overlays and shares."""

import json
from pathlib import Path

from flows.commands.network_choice import choose_network
from flows.commands.photo_answers import answer_photos, require_place
from tasks.artifacts.opening import StorePlace
from tasks.datasets.photo_folders import Photo, list_photos
from tasks.segmentation.opened_segmenters import open_segmenter
from tasks.segmentation.photo_files import FOLDERS, PhotoFiles, Values
from tasks.segmentation.segmenting_photos import segment_photo


def segment(place: StorePlace, model: str, images: Path, *, to: Path, values: Values) -> int:
    """One line of JSON a photo with the share of each class in it; in `to` labels/, overlays/, legend.png and shares.csv.

    A photo of a folder that cannot be read costs its own line, and the exit code is then 1. `model`: as
    `choose_network` has it, or an .onnx file.
    """
    found = list_photos(images)
    require_place(to, found, inside=FOLDERS)
    segmenter = open_segmenter(choose_network(place, model, kind="segmenter").path)
    files = PhotoFiles(to, segmenter.trained_on.classes, values)
    files.begin()

    def answer(photo: Photo, name: str) -> None:
        labels = segment_photo(segmenter, photo.pixels)
        shares = files.write(name, photo.path.name, photo.pixels, labels)
        print(json.dumps({"image": photo.path.name, "shares": shares}), flush=True)

    return answer_photos(images, found, answer)
