import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from PIL import Image

from tasks.sites.backgrounds import import_background, list_backgrounds


def write_site(folder: Path, density: np.ndarray | None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(folder / "empty.png"), np.full((60, 80, 3), 90, dtype=np.uint8))
    camera = {"lens": {"model": "perspective", "hfov_deg": 90}, "height_m": 2.8, "floor": {"radius_m": 2.0}}
    if density is not None:
        cv2.imwrite(str(folder / "crowd.png"), density)
        camera["density_image"] = "crowd.png"
    backgrounds = [{"image": "empty.png", "camera": "ceiling"}]
    content = {"name": "room", "cameras": {"ceiling": camera}, "backgrounds": backgrounds}
    (folder / "site.yaml").write_text(yaml.safe_dump(content))
    return folder / "site.yaml"


def test_a_density_image_goes_along_with_the_photo_and_into_its_key(tmp_path: Path) -> None:
    grey = np.full((60, 80), 120, dtype=np.uint8)
    ((config, files),) = list_backgrounds(write_site(tmp_path / "a", grey))
    ((brighter_config, brighter),) = list_backgrounds(write_site(tmp_path / "b", grey + 50))
    assert config == brighter_config
    assert files.content != brighter.content
    out = tmp_path / "out"
    out.mkdir()
    import_background.build(out, config, photo=files)
    assert (cv2.imread(str(out / "density.png"), cv2.IMREAD_GRAYSCALE) == 120).all()
    assert (cv2.imread(str(out / "image.png")) == 90).all()
    assert '"density_image":"density.png"' in (out / "camera.json").read_text()


def test_without_a_density_image_there_is_only_the_photo(tmp_path: Path) -> None:
    ((config, files),) = list_backgrounds(write_site(tmp_path, None))
    assert list(files.files) == ["empty.png"] and config.camera.density_image is None


def test_a_density_image_of_another_size_is_named(tmp_path: Path) -> None:
    site = write_site(tmp_path, np.zeros((30, 30), dtype=np.uint8))
    with pytest.raises(ValueError, match=r"cameras\.ceiling\.density_image is 30 x 30 pixels.* 80 x 60"):
        list_backgrounds(site)


def test_a_missing_density_image_is_named(tmp_path: Path) -> None:
    site = write_site(tmp_path, np.zeros((60, 80), dtype=np.uint8))
    (tmp_path / "crowd.png").unlink()
    with pytest.raises(ValueError, match=r"density_image is .*crowd\.png', but there is no such file"):
        list_backgrounds(site)


@pytest.mark.parametrize(
    ("name", "mode", "options"),
    [
        ("empty.webp", "RGB", {"lossless": True}), ("empty.png", "RGBA", {}), ("empty.TIFF", "LA", {}),
        ("empty.avif", "RGB", {}),
    ],
)  # fmt: skip
def test_photos_of_other_formats_become_plain_png_for_the_renderer(
    tmp_path: Path, name: str, mode: str, options: dict
) -> None:
    site = write_site(tmp_path, None)
    site.write_text(site.read_text().replace("empty.png", name))
    (tmp_path / "empty.png").unlink()
    Image.fromarray(np.full((60, 80, 3), 90, dtype=np.uint8)).convert(mode).save(tmp_path / name, **options)
    ((config, files),) = list_backgrounds(site)
    out = tmp_path / "out"
    out.mkdir()
    import_background.build(out, config, photo=files)
    stored = cv2.imread(str(out / "image.png"), cv2.IMREAD_UNCHANGED)
    assert stored.shape == (60, 80, 3) and np.abs(stored.astype(int) - 90).max() <= 2


def test_a_photo_whose_orientation_says_nothing_is_read_as_it_is(tmp_path: Path) -> None:
    site = write_site(tmp_path, None)
    site.write_text(site.read_text().replace("empty.png", "empty.jpg"))
    shutil.copyfile(
        Path(__file__).parents[2] / "cases/exif_orientation_0/02_exif0.jpg", tmp_path / "empty.jpg"
    )
    ((config, _),) = list_backgrounds(site)
    assert config.name == "empty"


@pytest.mark.parametrize("is_marked", [True, False])
def test_photos_of_one_camera_have_one_size_where_the_site_marks_places_in_them(tmp_path, is_marked):
    path = write_site(tmp_path, None)
    cv2.imwrite(str(tmp_path / "other.png"), np.full((90, 120, 3), 90, dtype=np.uint8))
    content = yaml.safe_load(path.read_text())
    content["backgrounds"].append({"image": "other.png", "camera": "ceiling"})
    if is_marked:
        table = {"height_m": 0.7, "polygon_px": [[30, 20], [50, 20], [50, 40], [30, 40]]}
        content["cameras"]["ceiling"]["occluders"] = [table]
    path.write_text(yaml.safe_dump(content))
    if not is_marked:
        assert len(list_backgrounds(path)) == 2
        return
    with pytest.raises(
        ValueError, match=r"other.png: the photo is 120 x 90 pixels, but the others .* are 80 x 60"
    ):
        list_backgrounds(path)
