"""`python -m flows watch`: looks at regular times whether there is something new for a run, by a schedule on the server."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.schedules import IntervalSchedule

from flows.commands.submit import absolute, find_deployment
from flows.configuration.run import RunSettings
from flows.people.config import PeopleConfig, require_arms
from flows.people.input_checks import check_inputs
from flows.people.new_backgrounds import WatchedSite, load_watched
from flows.pipelines.loading import load_run
from flows.pipelines.pipeline import Pipeline
from flows.runs.new_images import WatchedRun, watched_folders
from flows.server.api import ServerApi

PHOTOS, IMAGES = "new-backgrounds/look-for-photos", "new-images/look-for-images"


@dataclass(frozen=True)
class Watching:
    """What was asked for: the run's file, changes of it, the photos of a site, and how often to look."""

    config: Path
    overrides: tuple[str, ...]
    photos: str | None
    every_s: int
    is_retrained: bool = False


def watch_run(watching: Watching, *, is_stopped: bool) -> int:
    """Watch a site's photos, or the folders that a run of another pipeline names; ValueError where there is nothing to
    watch.
    """
    pipeline, config = load_run(watching.config, list(watching.overrides))
    is_site = isinstance(config, PeopleConfig)
    if is_stopped:
        return unwatch(config.name, PHOTOS if is_site else IMAGES)
    return _watch_site(watching) if is_site else _watch_folders(watching, pipeline, config)


def watch(name: str, site: WatchedSite, *, every_s: int) -> int:
    """Look for photos every so many seconds from now on, in the place of an earlier schedule of this name."""
    _schedule(PHOTOS, name, {"site": site.model_dump(mode="json")}, every_s)
    print(f"{site.photos} is looked at every {every_s} s for new backgrounds of {name}")
    return 0


def unwatch(name: str, deployment: str = PHOTOS) -> int:
    """Look no more; exit code 1 where nobody did."""
    found = _find(deployment)
    with get_client(sync_client=True) as client:
        was_watched = _remove(client, found, name)
    print(f"{name} is watched no more" if was_watched else f"{name} was not watched")
    return 0 if was_watched else 1


def _watch_site(watching: Watching) -> int:
    config = load_watched(watching.config, list(watching.overrides))
    if watching.photos is None:
        raise ValueError("--photos is missing; name the folder in which photos of the site arrive")
    require_arms(config)
    check_inputs([config])
    site = WatchedSite(
        config=str(watching.config.resolve()),
        photos=absolute(watching.photos),
        overrides=_overrides(watching, config),
        retrain=watching.is_retrained,
    )
    return watch(config.name, site, every_s=watching.every_s)


def _watch_folders(watching: Watching, pipeline: Pipeline[Any], config: RunSettings) -> int:
    for option, value in (("--photos", watching.photos), ("--retrain", watching.is_retrained)):
        if value:
            raise ValueError(
                f"{option} is for sites of the pipeline people; the folders of {config.name} stand in its run file"
            )
    folders = watched_folders(pipeline, config)
    pipeline.require_run(config)
    pipeline.check([config])
    watched = WatchedRun(config=str(watching.config.resolve()), overrides=_overrides(watching, config))
    _schedule(IMAGES, config.name, {"watched": watched.model_dump(mode="json")}, watching.every_s)
    for folder in folders:
        print(f"{folder} is looked at every {watching.every_s} s for new images of {config.name}")
    return 0


def _overrides(watching: Watching, config: RunSettings) -> tuple[str, ...]:
    """Places are absolute, so that they mean the same to the worker."""
    places = {"store": config.store, "output": config.output}
    return (*watching.overrides, *(f"{name}={absolute(place)}" for name, place in places.items()))


def _schedule(deployment: str, name: str, parameters: dict[str, Any], every_s: int) -> None:
    if every_s < 10:
        raise ValueError(f"--every must be 10 seconds or more, but was {every_s}")
    found = _find(deployment)
    with get_client(sync_client=True) as client:
        _remove(client, found, name)
        schedule = DeploymentScheduleCreate(
            schedule=IntervalSchedule(interval=timedelta(seconds=every_s)),
            slug=_slug(name),
            parameters=parameters,
        )
        client.create_deployment_schedules(found, [schedule])


def _remove(client: SyncPrefectClient, deployment: UUID, name: str) -> bool:
    found = [item for item in client.read_deployment_schedules(deployment) if item.slug == _slug(name)]
    for schedule in found:
        client.delete_deployment_schedule(deployment, schedule.id)
    return bool(found)


def _slug(name: str) -> str:
    """Prefect's slugs have neither capitals nor dots."""
    return name.lower().replace(".", "-").replace("_", "-")


def _find(deployment: str) -> UUID:
    """Asked without Prefect's client, which has no clear line for a server that does not answer."""
    return UUID(find_deployment(ServerApi(), deployment)["id"])
