import threading
import time

import numpy as np
import pytest
from PIL import Image

from blender_assets.site import parse_site
from tasks.artifacts.canonical import digest_file
from tasks.images.files import write_png
from tasks.sites.photo_watch import PhotoFolder
from tests.flows.tiny_site import SITE, SIZE

TWO_CAMERAS = parse_site(
    SITE | {"cameras": {"top": SITE["cameras"]["top"], "door": SITE["cameras"]["top"]}}, source="two cameras"
)
ONE_CAMERA = parse_site(SITE, source="one camera")


def draw(path, seed, size=SIZE):
    write_png(path, np.random.default_rng(seed).integers(0, 255, (size, size, 3)).astype(np.uint8))
    return path


def scan(root, tmp_path, *, site=TWO_CAMERAS, known=(), taken=(), settle_s=0.0):
    folder = PhotoFolder(str(root), site, tmp_path / "copies")
    return folder.scan({photo.place: photo for photo in known}, set(taken), settle_s=settle_s)


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "inbox"
    (folder / "top").mkdir(parents=True)
    return folder


def test_photos_belong_to_the_camera_of_their_folder_and_are_named_by_file_and_content(root, tmp_path):
    path = draw(root / "door" / "monday.png", 1)
    (photo,) = scan(root, tmp_path).photos
    assert (photo.place, photo.camera) == ("door/monday.png", "door")
    assert photo.digest == digest_file(path) and photo.name == f"monday-{photo.digest[:8]}"


def test_where_the_site_has_one_camera_photos_may_lie_in_the_folder_itself(root, tmp_path):
    draw(root / "a.png", 1)
    assert [photo.camera for photo in scan(root, tmp_path, site=ONE_CAMERA).photos] == ["top"]
    assert "top" in scan(root, tmp_path).left_out["a.png"]


def test_a_copy_counts_once_and_a_known_photo_keeps_its_name_when_renamed(root, tmp_path):
    draw(root / "top" / "b.png", 1)
    first = scan(root, tmp_path)
    draw(root / "top" / "a.png", 1)
    second = scan(root, tmp_path, known=first.photos)
    assert second.photos == first.photos
    assert second.left_out == {"top/a.png": "it is the same photo as top/b.png"}
    (root / "top" / "b.png").unlink()
    (renamed,) = scan(root, tmp_path, known=first.photos).photos
    assert renamed.place == "top/a.png" and renamed.name == first.photos[0].name


def test_other_bytes_under_a_known_name_are_another_photo(root, tmp_path):
    draw(root / "top" / "a.png", 1)
    (first,) = scan(root, tmp_path).photos
    time.sleep(0.02)
    draw(root / "top" / "a.png", 2)
    (second,) = scan(root, tmp_path, known=[first]).photos
    assert second.digest != first.digest and second.name != first.name


def test_a_photo_that_is_being_written_waits_for_the_next_look(root, tmp_path):
    draw(root / "top" / "whole.png", 1)
    growing = root / "top" / "growing.png"
    growing.write_bytes(b"")
    ended = threading.Event()

    def write():
        while not ended.wait(0.02):
            with growing.open("ab") as file:
                file.write(b"more")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        found = scan(root, tmp_path, settle_s=0.3)
    finally:
        ended.set()
        writer.join()
    assert [photo.place for photo in found.photos] == ["top/whole.png"]
    assert found.left_out == {"top/growing.png": "it is still being written"}


def test_half_a_photo_one_of_another_size_and_one_that_the_site_has_are_left_out_with_the_reason(
    root, tmp_path
):
    whole = draw(root / "top" / "whole.png", 1)
    (root / "top" / "half.png").write_bytes(whole.read_bytes()[:2000])
    draw(root / "top" / "small.png", 2, size=20)
    left_out = scan(root, tmp_path, taken=[digest_file(whole)]).left_out
    assert "cannot be read as an image" in left_out["top/half.png"]
    assert "polygon_px" in left_out["top/small.png"]  # without the site's own photos
    assert left_out["top/whole.png"] == "the site file names this photo already"


def test_hidden_files_other_files_and_links_out_of_the_folder_are_not_looked_at(root, tmp_path):
    outside = draw(tmp_path / "secret.png", 1)
    (root / "top" / "link.png").symlink_to(outside)
    (root / "top" / ".part.png").write_bytes(outside.read_bytes())
    (root / "top" / "notes.txt").write_text("no photo")
    found = scan(root, tmp_path)
    assert found.photos == () and found.left_out == {}


def test_photos_of_a_bucket_are_copied_before_they_are_read(tmp_path):
    import fsspec

    bucket = fsspec.filesystem("memory")
    bucket.pipe_file("/site/top/a.png", draw(tmp_path / "a.png", 1).read_bytes())
    try:
        folder = PhotoFolder("memory://site", TWO_CAMERAS, tmp_path / "copies")
        (photo,) = folder.scan({}, set(), settle_s=0.0).photos
        assert folder.fetch(photo.place).read_bytes() == (tmp_path / "a.png").read_bytes()
    finally:
        bucket.rm("/site", recursive=True)


def test_a_folder_that_is_not_there_is_the_users_mistake(tmp_path):
    with pytest.raises(ValueError, match=r"no folder .*nowhere; make it"):
        PhotoFolder(str(tmp_path / "nowhere"), ONE_CAMERA, tmp_path)


def test_photos_of_phones_are_read_or_named_with_what_to_do(root, tmp_path):
    pixels = np.random.default_rng(1).integers(0, 255, (SIZE, SIZE, 3)).astype(np.uint8)
    Image.fromarray(pixels).convert("RGBA").save(root / "top" / "a.PNG")
    Image.fromarray(pixels).save(root / "top" / "b.avif")
    (root / "top" / "c.HEIC").write_bytes(b"\x00\x00\x00\x18ftypheic" + bytes(50))
    found = scan(root, tmp_path)
    assert [photo.place for photo in found.photos] == ["top/a.PNG", "top/b.avif"]
    assert "is a HEIC photo, which is not read here; convert it" in found.left_out["top/c.HEIC"]


def test_a_photo_of_another_size_than_the_site_s_is_left_out_though_its_places_would_fit(root, tmp_path):
    draw(tmp_path / "empty.png", 1)
    draw(root / "top" / "large.png", 2, size=SIZE + 10)
    draw(root / "top" / "right.png", 3)
    folder = PhotoFolder(str(root), TWO_CAMERAS, tmp_path / "copies", site_path=tmp_path / "site.yaml")
    found = folder.scan({}, set(), settle_s=0.0)
    assert [photo.place for photo in found.photos] == ["top/right.png"]
    assert found.left_out["top/large.png"].startswith(
        f"top/large.png: the photo is {SIZE + 10} x {SIZE + 10} pixels, but the others of the camera 'top' are "
        f"{SIZE} x {SIZE}"
    )
