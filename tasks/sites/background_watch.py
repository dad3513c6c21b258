"""What has changed at a watched site since its last version: the versions are records of runs in the store."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tasks.artifacts.lookup import all_records
from tasks.artifacts.store import Store
from tasks.sites.photo_watch import Photo, Scan


@dataclass(frozen=True)
class SiteState:
    """One version of a watched site: the digest of its site file with its photos, and the photos that arrived."""

    number: int
    site_content: str
    photos: tuple[Photo, ...]

    @property
    def by_place(self) -> Mapping[str, Photo]:
        return {photo.place: photo for photo in self.photos}

    def record(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Changes:
    """Names of the photos that a version has more and less than the one before."""

    added: tuple[str, ...]
    removed: tuple[str, ...]


NO_VERSION = SiteState(0, "", ())


def record_name(run: str) -> str:
    """The name under which the versions of a run's site are recorded."""
    return f"{run}-backgrounds"


def version_name(run: str, number: int) -> str:
    """The name of the run that is made over a version."""
    return f"{run}.v{number}"


def last_state(store: Store, run: str) -> SiteState:
    """The newest version of the run's site; NO_VERSION before the first."""
    for record in all_records(store):
        if record["run"] == record_name(run) and record["status"] == "completed":
            content = record["config"]
            photos = tuple(Photo(**photo) for photo in content["photos"])
            return SiteState(content["number"], content["site_content"], photos)
    return NO_VERSION


def next_state(last: SiteState, scan: Scan, site_content: str) -> SiteState:
    """The version after `last`: `last` itself where neither photos nor the site file changed."""
    if last is NO_VERSION and not scan.photos:
        return last
    have, had = ({photo.name for photo in photos} for photos in (scan.photos, last.photos))
    if have == had and site_content == last.site_content:
        return last
    return SiteState(last.number + 1, site_content, scan.photos)


def changes(last: SiteState, new: SiteState) -> Changes:
    have, had = ({photo.name for photo in state.photos} for state in (new, last))
    return Changes(tuple(sorted(have - had)), tuple(sorted(had - have)))


def trained_refiner(store: Store, run: str) -> str | None:
    """The key of the refiner of the newest finished run over this site, whatever its version."""
    for record in all_records(store):
        is_of_site = record["run"] == run or record["run"].startswith(version_name(run, 0)[:-1])
        if record["status"] != "completed" or not is_of_site:
            continue
        keys = [item["key"] for item in record["artifacts"] if item["kind"] == "refiner" and item["key"]]
        if keys and store.find(keys[-1]):
            return keys[-1]
    return None
