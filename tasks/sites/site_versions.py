"""A site with more backgrounds than its file names, as an artifact: one version of the place, its photos included."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from blender_assets.site import Background, Site, background_path, load_site
from tasks.artifacts.canonical import digest
from tasks.artifacts.lookup import find_artifact
from tasks.artifacts.recipe import Ref, SourceFiles
from tasks.artifacts.store import Store
from tasks.building.steps import step
from tasks.sites.photo_watch import Photo

KIND = "site"
PREFIX = "artifact:"


class SiteVersionConfig(BaseModel):
    """The site with all backgrounds of the version; its images are named by their places in the version's folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    site: Site


def plan_site_version(site_path: Path, photos: Mapping[Photo, Path]) -> tuple[SiteVersionConfig, SourceFiles]:
    """The site file's own backgrounds and then `photos`, with all their files by place in the version."""
    site = load_site(site_path)
    sources: dict[str, Path] = {}
    backgrounds = []
    for background in site.backgrounds:
        path = background_path(site_path, background)
        sources[f"backgrounds/{path.name}"] = path
        backgrounds.append(background.model_copy(update={"image": f"backgrounds/{path.name}"}))
    for photo, path in photos.items():
        place = f"photos/{photo.name}{path.suffix.lower()}"
        sources[place] = path
        backgrounds.append(Background(image=place, camera=photo.camera))
    cameras = {}
    for name, camera in site.cameras.items():
        if camera.density_image is not None:
            place = f"density/{name}{Path(camera.density_image).suffix}"
            sources[place] = site_path.parent / camera.density_image
            camera = camera.model_copy(update={"density_image": place})
        cameras[name] = camera
    version = site.model_copy(update={"cameras": cameras, "backgrounds": backgrounds})
    return SiteVersionConfig(site=version), SourceFiles(sources)


def site_content(site_path: Path) -> str:
    """A digest of the site file and of the photos that it names."""
    config, files = plan_site_version(site_path, {})
    return digest([config.model_dump(mode="json"), files.content])


@step(KIND, libraries=("pyyaml",))
def assemble_site_version(out: Path, config: SiteVersionConfig, photos: SourceFiles) -> None:
    """`site.yaml` with the photos that it names: what a user would bring."""
    for place, file in photos.files.items():
        (out / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, out / place)
    content: dict[str, Any] = json.loads(config.site.model_dump_json(exclude_none=True))
    (out / "site.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def is_stored(site: str) -> bool:
    """Whether a run's `site` names a version in the store instead of a file."""
    return site.startswith(PREFIX)


def find_site_version(store: Store, site: str) -> Ref:
    """The version that `artifact:KEY` names; ValueError where it is not exactly one whole site."""
    manifest = find_artifact(store, site.removeprefix(PREFIX))
    if manifest.kind != KIND:
        raise ValueError(f"site is {site!r}, but that artifact is of the kind {manifest.kind}, not {KIND}")
    ref = store.find(manifest.key)
    if ref is None:
        raise ValueError(
            f"the site {manifest.key[:12]} is damaged; look for new backgrounds again to rebuild it"
        )
    return ref


def site_file(store: Store, site: str) -> Path:
    """The site file of the version that `artifact:KEY` names."""
    return store.folder(find_site_version(store, site)) / "site.yaml"
