from pathlib import Path

from tasks.datasets.photo_folders import name_pictures


def test_a_picture_keeps_its_photos_name_unless_two_photos_share_it():
    photos = [Path("in/a.jpg"), Path("in/b.png"), Path("in/c.png"), Path("in/c.jpg")]
    assert name_pictures(photos) == ["a", "b", "c.png", "c.jpg"]
    assert name_pictures([Path("a.jpg"), Path("a.png"), Path("a.png.jpg")]) == [
        "a.jpg",
        "a.png",
        "a.png.jpg",
    ]


def test_no_two_pictures_have_one_name_however_the_photos_are_called():
    photos = [Path(name) for name in ("a.jpg", "a.png", "a.jpg.png", "a.jpg.png.gif")]
    assert len(set(name_pictures(photos))) == 4
