"""Takes photos of the unpopulated place into the store, each with the camera that saw it."""

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from blender_assets.both_sides.places import is_file
from blender_assets.site import SiteCamera, background_path, check_photo, load_site
from tasks.artifacts.recipe import SourceFiles
from tasks.building.steps import step
from tasks.images.files import image_size_px, jpeg_quality, read_image, write_png
from tasks.images.photo_sizes import require_usual_size

DENSITY = "density.png"


class BackgroundConfig(BaseModel):
    """One background of a site: its name in the run and its camera."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    camera_name: str
    camera: SiteCamera


def list_backgrounds(site_path: Path) -> list[tuple[BackgroundConfig, SourceFiles]]:
    """Every background that a site file names, with the file of its photo.

    Raises ValueError for a missing or damaged site file or photo, or polygons that do not fit the photo.
    """
    site = load_site(site_path)
    found: dict[str, tuple[BackgroundConfig, SourceFiles]] = {}
    sizes_px: dict[str, tuple[int, int]] = {}
    for background in site.backgrounds:
        path = background_path(site_path, background)
        camera = site.cameras[background.camera]
        if not is_file(path):
            raise ValueError(f"there is no image {path}, which {site_path} names; check its name")
        width, height = image_size_px(path)
        usual_px = sizes_px.setdefault(background.camera, (width, height))
        require_usual_size(background.image, background.camera, camera, (width, height), usual_px)
        check_photo(site, background, width, height)
        files = {path.name: path}
        if camera.density_image is not None:
            files[DENSITY] = _density_file(
                site_path, background.camera, camera.density_image, (height, width)
            )
            camera = camera.model_copy(update={"density_image": DENSITY})
        config = BackgroundConfig(name=path.stem, camera_name=background.camera, camera=camera)
        if config.name in found:
            raise ValueError(
                f"{site_path} names two backgrounds {config.name!r}; rename one of the files, names must differ"
            )
        found[config.name] = (config, SourceFiles(files))
    return list(found.values())


def _density_file(site_path: Path, camera_name: str, file_name: str, shape: tuple[int, int]) -> Path:
    """The camera's density image; ValueError where it is missing or not of the photo's size (height, width)."""
    path = site_path.parent / file_name
    field = f"cameras.{camera_name}.density_image"
    if not is_file(path):
        raise ValueError(
            f"{field} is {str(path)!r}, but there is no such file; give a grey image or leave it out"
        )
    width_px, height_px = image_size_px(path)
    if (height_px, width_px) != shape:
        raise ValueError(
            f"{field} is {width_px} x {height_px} pixels, but the camera's photo is "
            f"{shape[1]} x {shape[0]}; paint it over a photo"
        )
    return path


@step("background", libraries=("pillow", "opencv-python-headless"))
def import_background(out: Path, config: BackgroundConfig, photo: SourceFiles) -> None:
    """`image.png`, `camera.json` and, where the camera has one, `density.png`: all that rendering over it needs."""
    (path,) = (path for name, path in photo.files.items() if name != DENSITY)
    write_png(out / "image.png", read_image(path))
    if DENSITY in photo.files:
        write_png(out / DENSITY, read_image(photo.files[DENSITY]))
    (out / "camera.json").write_text(config.camera.model_dump_json(), encoding="utf-8")
    (out / "background.json").write_text(
        json.dumps({"name": config.name, "camera": config.camera_name}), encoding="utf-8"
    )
    (out / "file.json").write_text(json.dumps({"jpeg_quality": jpeg_quality(path)}), encoding="utf-8")
