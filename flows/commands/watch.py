"""`python -m flows watch`: looks for new backgrounds of a site at regular times, by a schedule of `new-backgrounds`."""

from datetime import timedelta
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.schedules import IntervalSchedule

from flows.commands.submit import find_deployment
from flows.people.new_backgrounds import WatchedSite
from flows.server.api import ServerApi

DEPLOYMENT = "new-backgrounds/look-for-photos"


def watch(name: str, site: WatchedSite, *, every_s: int) -> int:
    """Look every so many seconds from now on, in the place of an earlier schedule of this name."""
    if every_s < 10:
        raise ValueError(f"--every must be 10 seconds or more, but was {every_s}")
    deployment = _find_deployment()
    with get_client(sync_client=True) as client:
        _remove(client, deployment, name)
        schedule = DeploymentScheduleCreate(
            schedule=IntervalSchedule(interval=timedelta(seconds=every_s)),
            slug=_slug(name),
            parameters={"site": site.model_dump(mode="json")},
        )
        client.create_deployment_schedules(deployment, [schedule])
    print(f"{site.photos} is looked at every {every_s} s for new backgrounds of {name}")
    return 0


def unwatch(name: str) -> int:
    """Look no more; exit code 1 where nobody did."""
    deployment = _find_deployment()
    with get_client(sync_client=True) as client:
        was_watched = _remove(client, deployment, name)
    print(f"{name} is watched no more" if was_watched else f"{name} was not watched")
    return 0 if was_watched else 1


def _remove(client: SyncPrefectClient, deployment: UUID, name: str) -> bool:
    found = [item for item in client.read_deployment_schedules(deployment) if item.slug == _slug(name)]
    for schedule in found:
        client.delete_deployment_schedule(deployment, schedule.id)
    return bool(found)


def _slug(name: str) -> str:
    """Prefect's slugs have neither capitals nor dots."""
    return name.lower().replace(".", "-").replace("_", "-")


def _find_deployment() -> UUID:
    """Asked without Prefect's client, which has no clear line for a server that does not answer."""
    return UUID(find_deployment(ServerApi(), DEPLOYMENT)["id"])
