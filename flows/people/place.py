"""The place of a run: its site file, and what lies there."""

import functools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.pipelines.journey import Start
from tasks.artifacts.canonical import digest
from tasks.artifacts.recipe import Ref, SourceFiles
from tasks.building.run_context import current_run
from tasks.datasets.real_images import SplitConfig, plan_splits
from tasks.datasets.splits import RealImagesConfig
from tasks.journeys import people as steps
from tasks.journeys import step_task
from tasks.sites.backgrounds import BackgroundConfig, list_backgrounds
from tasks.sites.sample_site import SampleSiteConfig, shot_groups
from tasks.sites.site_versions import is_stored


@dataclass(frozen=True)
class Place:
    """The site file, and the folder that the places of the real images are relative to.

    What lies there is read once: all points of a sweep share their place.
    """

    site_path: Path
    folder: Path
    _splits: dict[str, list[tuple[SplitConfig, SourceFiles]]] = field(default_factory=dict, compare=False)

    @functools.cached_property
    def backgrounds(self) -> list[tuple[BackgroundConfig, SourceFiles]]:
        return list_backgrounds(self.site_path)

    def splits(self, real_images: RealImagesConfig) -> list[tuple[SplitConfig, SourceFiles]]:
        name = digest(real_images)
        if name not in self._splits:
            self._splits[name] = plan_splits(real_images, self.folder, self.site_path)
        return self._splits[name]


def start_site(site: str | None, sample_site: SampleSiteConfig | None, body: Any, start: Start) -> Any:
    """The (future) stand-in site or version of a watched site, None where the user gave a site file."""
    if site is not None:
        return start(steps.reuse_site, site, label="site") if is_stored(site) else None
    assert sample_site is not None
    shots = [
        start(steps.photograph_office, group, body, label=f"photograph office: {group.camera} {group.time}")
        for group in shot_groups(sample_site)
    ]
    return start(steps.assemble_sample_site, sample_site, shots, label="sample site")


def locate(site: str | None, made: Ref | None) -> Place:
    """Where the user's site is, or the one that was `made`. All points of a sweep get the same, which is read once."""
    if made is None:
        place = Place(Path(site or ""), Path())
    else:
        folder = step_task.folder(made)
        place = Place(folder / "site.yaml", Path() if site is not None else folder)
    return current_run().shared(place)
