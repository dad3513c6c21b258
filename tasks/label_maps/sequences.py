"""Of which sequence, city and camera an image is, as the names of each data set say it."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from tasks.datasets.layouts.dataset_files import folded
from tasks.label_maps.pairing import KIND_FOLDERS

_CITYSCAPES = re.compile(r"([^_]+)_(\d+)_\d+")
_CAMVID = re.compile(r"([0-9A-Za-z]+)_f?\d+")
_GOPRO = re.compile(r"(GOPR\d+|GP\d+)_frame_\d+", re.IGNORECASE)
_FRAME = re.compile(r"(.*?)[_-]?f?\d+")
_CAMERA = re.compile(r"\d+_([A-Z]+)")  # WoodScape's FV, RV, MVL, MVR


@dataclass(frozen=True)
class Origin:
    """Names, or "" where nothing says them."""

    sequence: str = ""
    city: str = ""
    camera: str = ""


def of_cityscapes(name: str, stem: str) -> Origin:
    """aachen_000000_000019: the city and its drive; else the folder as the city."""
    match = _CITYSCAPES.fullmatch(stem)
    if match:
        return Origin(f"{match[1]}_{match[2]}", match[1])
    folder = PurePosixPath(name).parent.name
    return Origin(folder, folder)


def of_gopro(name: str, stem: str) -> Origin:
    """ACDC's and Dark Zurich's recordings: GOPR0351_frame_000159."""
    match = _GOPRO.match(stem)
    return Origin(match[1] if match else PurePosixPath(name).parent.name)


def of_camvid(name: str, stem: str) -> Origin:
    """0001TP_006690, Seq05VD_f00000."""
    match = _CAMVID.fullmatch(stem)
    return Origin(match[1] if match else stem)


def of_woodscape(name: str, stem: str) -> Origin:
    """0001_FV names the camera; no name says the sequence."""
    match = _CAMERA.fullmatch(stem)
    return Origin(camera=match[1] if match else "")


def of_single_images(name: str, stem: str) -> Origin:
    """BDD100K: every image is of a drive of its own."""
    return Origin(sequence=stem)


def of_nothing(name: str, stem: str) -> Origin:
    """KITTI and Nighttime Driving: numbers, whose drive nothing says."""
    return Origin()


def of_frames(name: str, stem: str) -> Origin:
    """What the frames of one sequence share: their folder, and their names without the number at the end."""
    match = _FRAME.fullmatch(stem)
    folders = [part for part in PurePosixPath(name).parts[:-1] if folded(part) not in KIND_FOLDERS]
    start = match[1] if match else stem
    return Origin("/".join(filter(None, (*folders, start))))
