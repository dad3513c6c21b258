"""Which photos lie in a watched folder or bucket: whole ones, each content once, each with the camera that took it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from blender_assets.site import Background, Site, background_path, check_photo
from tasks.artifacts.canonical import digest_file
from tasks.datasets.layouts.dataset_files import is_litter
from tasks.images.files import IMAGE_SUFFIXES, read_image
from tasks.images.photo_sizes import require_usual_size


@dataclass(frozen=True)
class Photo:
    """A photo of the watched folder: its place in it, its camera, and what its bytes are.

    `name` stays with the bytes, whatever the file is called later; `stamp` changes when the file is written again.
    """

    place: str
    camera: str
    name: str
    digest: str
    stamp: str


@dataclass(frozen=True)
class Scan:
    """What a look into the folder found: photos in the order of their names, and by place why other images are left out."""

    photos: tuple[Photo, ...]
    left_out: dict[str, str]


class PhotoFolder:
    """A folder or a prefix of a bucket, by its path or URL; photos lie in one sub-folder a camera.

    Where the site has one camera, photos may lie in the folder itself.
    """

    def __init__(self, url: str, site: Site, copies: Path, *, site_path: Path | None = None) -> None:
        """`copies`: an empty local folder for photos of a bucket. `site_path`: beside it lie the photos of the site file."""
        self._files, self._root = fsspec.core.url_to_fs(url)
        self._site = site
        self._copies = copies
        self._site_path = site_path
        if not self._files.isdir(self._root) and self._is_local:
            raise ValueError(f"there is no folder {url}; make it, with a sub-folder for each camera")

    @property
    def _is_local(self) -> bool:
        return isinstance(self._files, LocalFileSystem)

    def stamps(self) -> dict[str, str]:
        """Place and stamp of every image file; hidden files and links that lead out of the folder are not looked at."""
        self._files.invalidate_cache()
        found = self._files.find(self._root, detail=True)
        places = {self._place(path): _stamp(info) for path, info in found.items()}
        return {place: stamp for place, stamp in sorted(places.items()) if self._is_looked_at(place)}

    def scan(self, known: Mapping[str, Photo], taken: set[str], *, settle_s: float) -> Scan:
        """All photos that are whole; only what is not `known` by its place and stamp is read.

        A file that changes within `settle_s` seconds is still being written. `taken`: digests of photos that the site
        file names. Of several photos with the same bytes the known one counts, else the first by place.
        """
        stamps = self.stamps()
        same = [photo for place, photo in known.items() if stamps.get(place) == photo.stamp]
        fresh = [place for place in stamps if place not in {photo.place for photo in same}]
        left_out = self._unsettled(stamps, fresh, settle_s)
        names = {photo.digest: photo.name for photo in known.values()}
        photos = {photo.digest: photo for photo in same if photo.digest not in taken}
        for place in fresh:
            if place in left_out:
                continue
            try:
                photo = self._identify(place, stamps[place], names)
                _require_new(photo, taken, photos)
                photos[photo.digest] = photo
            except (ValueError, OSError) as error:
                left_out[place] = str(error)
        return Scan(tuple(sorted(photos.values(), key=lambda photo: photo.name)), left_out)

    def fetch(self, place: str) -> Path:
        """The photo as a local file."""
        remote = f"{self._root.rstrip('/')}/{place}"
        if self._is_local:
            return Path(remote)
        copy = self._copies / place
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            self._files.get_file(remote, str(copy))
        return copy

    def _unsettled(self, stamps: dict[str, str], fresh: list[str], settle_s: float) -> dict[str, str]:
        if not fresh:
            return {}
        time.sleep(settle_s)
        later = self.stamps()
        return {place: "it is still being written" for place in fresh if later.get(place) != stamps[place]}

    def _identify(self, place: str, stamp: str, names: Mapping[str, str]) -> Photo:
        """ValueError for a photo that is damaged or does not fit its camera."""
        camera, file = self._camera(place), self.fetch(place)
        height, width = read_image(file).shape[:2]
        if usual_px := self._usual_px(camera):
            require_usual_size(place, camera, self._site.cameras[camera], (width, height), usual_px)
        check_photo(self._site, Background(image=place, camera=camera), width, height)
        content = digest_file(file)
        name = names.get(content, f"{PurePosixPath(place).stem}-{content[:8]}")
        return Photo(place, camera, name, content, stamp)

    def _usual_px(self, camera: str) -> tuple[int, int] | None:
        """Width and height of the camera's first photo in the site file; None where it names none."""
        for background in self._site.backgrounds:
            if background.camera == camera and self._site_path is not None:
                height, width = read_image(background_path(self._site_path, background)).shape[:2]
                return width, height
        return None

    def _camera(self, place: str) -> str:
        folder, cameras = str(PurePosixPath(place).parent), sorted(self._site.cameras)
        if folder == "." and len(cameras) == 1:
            return cameras[0]
        if folder not in cameras:
            raise ValueError(f"it lies in no camera's folder; move it into one of: {', '.join(cameras)}")
        return folder

    def _place(self, path: str) -> str:
        return path.removeprefix(self._root.rstrip("/")).lstrip("/")

    def _is_looked_at(self, place: str) -> bool:
        path = PurePosixPath(place)
        if path.suffix.lower() not in IMAGE_SUFFIXES or any(map(is_litter, path.parts)):
            return False
        root = Path(self._root)
        return not self._is_local or (root / place).resolve().is_relative_to(root.resolve())


def _require_new(photo: Photo, taken: set[str], photos: Mapping[str, Photo]) -> None:
    if photo.digest in taken:
        raise ValueError("the site file names this photo already")
    if photo.digest in photos:
        raise ValueError(f"it is the same photo as {photos[photo.digest].place}")


def _stamp(info: Mapping[str, Any]) -> str:
    """Size and time of writing of a local file, or a bucket's digest of the object."""
    changed = info.get("ETag") or info.get("etag") or info.get("mtime") or info.get("LastModified")
    return f"{info.get('size')} {changed}"
