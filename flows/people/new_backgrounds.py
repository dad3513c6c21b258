"""The flow `new-backgrounds`: looks for photos that arrived at a site, and says so with an event that starts `augment`."""

import tempfile
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.events import emit_event
from prefect.events.worker import EventsWorker
from pydantic import BaseModel, ConfigDict, Field

from blender_assets.site import background_path, load_site
from flows.people.config import PeopleConfig
from flows.people.run_files import load_run_config
from tasks.artifacts.canonical import digest_file
from tasks.artifacts.recipe import Ref
from tasks.artifacts.store import Store
from tasks.building.run_context import Run, going_on
from tasks.journeys import people as journey
from tasks.sites.background_watch import (
    Changes,
    SiteState,
    changes,
    last_state,
    next_state,
    record_name,
    trained_refiner,
    version_name,
)
from tasks.sites.photo_watch import PhotoFolder, Scan
from tasks.sites.site_versions import PREFIX, is_stored, plan_site_version, site_content
from tasks.training.refiner_reuse import TrainedRefiner

ARRIVED, REMOVED = "verisim.backgrounds.arrived", "verisim.backgrounds.removed"


class WatchedSite(BaseModel):
    """A place whose photos keep coming, and the run that is made again with each new version of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # run configuration (YAML) of the site, as a path that the worker can read
    config: str = Field(min_length=1)
    # folder or bucket prefix (s3://..) with a sub-folder of empty photos for each camera
    photos: str = Field(min_length=1)
    overrides: tuple[str, ...] = ()  # changes like "training.detector_seeds=5"
    retrain: bool = False  # train a new refiner too, instead of reusing the newest one
    # seconds in which a photo must not change to count as whole
    settle_s: float = Field(default=5.0, ge=0, le=600)


@flow(name="new-backgrounds", flow_run_name="photos in {site.photos}", persist_result=False)
def new_backgrounds(site: WatchedSite) -> int:
    """Look once; the number of the site's version, after an event where it is a new one."""
    config = load_watched(Path(site.config), list(site.overrides))
    assert config.site is not None
    store = config.store_place.open()
    last = last_state(store, config.name)
    with tempfile.TemporaryDirectory(prefix="verisim-photos-") as copies:
        site_path = Path(config.site)
        folder = PhotoFolder(site.photos, load_site(site_path), Path(copies), site_path=site_path)
        scan = folder.scan(last.by_place, _digests_of(Path(config.site)), settle_s=site.settle_s)
        new = next_state(last, scan, site_content(Path(config.site)))
        if new is not last:
            _make_version(config, site, store, new=new, last=last, folder=folder)
    _publish(config.name, last, new, scan)
    return new.number


def load_watched(path: Path, overrides: list[str]) -> PeopleConfig:
    """The run of a site that can be watched; ValueError for any other."""
    config = load_run_config(path, overrides)
    if config.site is None or is_stored(config.site):
        raise ValueError(f"{path} has no site file; only a site of your own can be watched")
    return config


def _make_version(
    config: PeopleConfig,
    site: WatchedSite,
    store: Store,
    *,
    new: SiteState,
    last: SiteState,
    folder: PhotoFolder,
) -> None:
    """Store the site's new version, tell of it, and remember it only then: a crash between tells again."""
    run = Run(store, record_name(config.name))
    with going_on(run):
        files = {photo: folder.fetch(photo.place) for photo in new.photos}
        assert config.site is not None
        version, sources = plan_site_version(Path(config.site), files)
        label = f"version {new.number} of the site"
        ref = journey.assemble_site_version.submit(version, sources, label=label).result()
    _tell(config, site, store, number=new.number, ref=ref, what=changes(last, new))
    run.finish("completed", new.record())


def _tell(
    config: PeopleConfig, site: WatchedSite, store: Store, *, number: int, ref: Ref, what: Changes
) -> None:
    refiner = None if site.retrain else trained_refiner(store, config.name)
    payload = {
        "version": number,
        "added": what.added,
        "removed": what.removed,
        "refiner": refiner or "to be trained",
        "config": version_config(config, number, ref, refiner).model_dump(mode="json"),
    }
    resource = {"prefect.resource.id": f"verisim.site.{config.name}", "prefect.resource.name": config.name}
    emitted = emit_event(ARRIVED if what.added else REMOVED, resource, payload=payload)
    if emitted is None:
        raise RuntimeError("no Prefect server takes events; run this flow through its deployment")
    EventsWorker.instance().wait_until_empty()


def version_config(config: PeopleConfig, number: int, site: Ref, refiner: str | None) -> PeopleConfig:
    """The run over one version of the site, with the refiner of this key, or the configured one to be trained."""
    changed: dict[str, Any] = {"name": version_name(config.name, number), "site": f"{PREFIX}{site.key}"}
    if refiner is not None:
        changed["refiner"] = TrainedRefiner.model_validate({"from": refiner, "device": config.refiner.device})
    return config.model_copy(update=changed)


def _digests_of(site_path: Path) -> set[str]:
    return {digest_file(background_path(site_path, photo)) for photo in load_site(site_path).backgrounds}


def _publish(name: str, last: SiteState, new: SiteState, scan: Scan) -> None:
    """What was found, on the run's page."""
    what = changes(last, new)
    lines = [f"## Backgrounds of {name}", ""]
    lines += [
        f"Version {new.number}: {len(new.photos)} photos have arrived beside those of the site file.",
        "",
    ]
    if new is last:
        lines.append("Nothing has changed.")
    lines += [f"- added: `{photo}`" for photo in what.added]
    lines += [f"- removed: `{photo}`" for photo in what.removed]
    lines += [f"- not taken: `{place}`, because {why}" for place, why in sorted(scan.left_out.items())]
    create_markdown_artifact("\n".join(lines), key="verisim-backgrounds", description="Photos of the site")
