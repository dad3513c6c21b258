"""Takes photos of the unpopulated place into the store, each with the camera that saw it."""

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from blender_assets.site import SiteCamera, background_path, check_photo, load_site
from tasks.artifacts import SourceFiles
from tasks.images import jpeg_quality, read_image, write_png
from tasks.steps import step


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
    for background in site.backgrounds:
        path = background_path(site_path, background)
        height, width = read_image(path).shape[:2]
        check_photo(site, background, width, height)
        config = BackgroundConfig(
            name=path.stem, camera_name=background.camera, camera=site.cameras[background.camera]
        )
        if config.name in found:
            raise ValueError(
                f"{site_path} names two backgrounds {config.name!r}; rename one of the files, names must differ"
            )
        found[config.name] = (config, SourceFiles({path.name: path}))
    return list(found.values())


@step("background", libraries=("pillow", "opencv-python-headless"))
def import_background(out: Path, config: BackgroundConfig, photo: SourceFiles) -> None:
    """The photo as `image.png` and its camera as `camera.json`: all that rendering over it depends on."""
    (path,) = photo.files.values()
    write_png(out / "image.png", read_image(path))
    (out / "camera.json").write_text(config.camera.model_dump_json())
    (out / "background.json").write_text(json.dumps({"name": config.name, "camera": config.camera_name}))
    (out / "file.json").write_text(json.dumps({"jpeg_quality": jpeg_quality(path)}))
