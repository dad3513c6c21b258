"""`python -m flows site new PHOTO`: a site file from a photo, first without help and then on a page of this machine."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.commands.site_page.answer import answer_draft
from flows.commands.site_page.server import SiteServer
from flows.commands.site_page.session import (
    SitePlaces,
    is_foreign,
    keep_draft,
    next_command,
    open_draft,
    save_site,
)
from flows.runs.interrupts import answering_interrupts
from tasks.sites.describing.draft import Draft, first_draft


@dataclass(frozen=True)
class NewSite:
    """Whether a page is opened and on which port (0: a free one), and whether a site file may be replaced."""

    has_page: bool = True
    overwrites: bool = False
    port: int = 0


def new_site(photo: Path, site: Path, choice: NewSite) -> int:
    """Write the site file where there is none; then serve the page until Ctrl-C. Returns the exit code."""
    places = SitePlaces(photo, site)
    _check(places, choice)
    draft, was_left = open_draft(places) if choice.has_page else (first_draft(photo), False)
    _tell_found(draft, was_left)
    draft = _write_first(draft, places, choice)
    if not choice.has_page:
        print(f"next     {next_command(places)}")
        return 0
    keep_draft(places, draft)
    _serve(places, draft, choice.port)
    return 0


def _check(places: SitePlaces, choice: NewSite) -> None:
    if places.site.is_dir():
        raise ValueError(
            f"--to is the folder {places.site}; name a file in it, e.g. {places.site / 'site.yaml'}"
        )
    if not places.site.parent.is_dir():
        raise ValueError(
            f"there is no folder {places.site.parent} for --to {places.site}; make it, or name another"
        )
    if places.site.exists() and places.photo.exists() and places.site.samefile(places.photo):
        raise ValueError(f"--to is the photo itself, {places.site}; name a YAML file")
    if not 0 <= choice.port <= 65535:
        raise ValueError(
            f"--port must be from 0 to 65535, but was {choice.port}; leave it out for a free one"
        )


def _write_first(draft: Draft, places: SitePlaces, choice: NewSite) -> Draft:
    """A file that a person wrote stays, unless told; with a page it may be replaced there."""
    if not places.site.exists() or choice.overwrites:
        draft = save_site(draft, places, replaces=True)
        print(f"wrote    {places.site}")
    elif not choice.has_page:
        raise ValueError(f"{places.site} is there already; --overwrite replaces it, and --to names another")
    elif is_foreign(draft, places):
        print(f"kept     {places.site}, which is there already; the page can replace it")
    return draft


def _tell_found(draft: Draft, was_left: bool) -> None:
    photo = draft.photo
    print(f"photo    {photo.name}, {photo.width_px} x {photo.height_px} pixels")
    if photo.circle is not None:
        circle = photo.circle.circle
        print(
            f"found    a fisheye's circle: middle {circle.cx:g}, {circle.cy:g}, radius {circle.radius:g} px, on which "
            f"{photo.circle.agreeing:.0%} of the edge lies"
        )
    elif photo.focal_length is not None:
        print(
            f"found    {photo.focal_length.hfov_deg:g} degrees from left to right (EXIF {photo.focal_length.tag})"
        )
    else:
        print("found    no fisheye's circle and no focal length")
    if was_left:
        print("going on with what was marked before")
    answer, _ = answer_draft(draft)
    print(f"so far   {answer.problem or answer.words}")


def _serve(places: SitePlaces, draft: Draft, port: int) -> None:
    try:
        server = SiteServer(places, draft, port=port)
    except OSError as error:
        raise ValueError(
            f"--port {port} cannot be taken ({error.strerror}); leave it out for a free one"
        ) from None
    here = server.server_address[1]
    with _ending_on_signals(server):
        print(f"page     {server.url} (from another machine: ssh -L {here}:127.0.0.1:{here} THIS_MACHINE)")
        print("Ctrl-C ends it; what is marked is kept.", flush=True)
        server.serve_forever(poll_interval=0.1)
    print(f"\nkept     {places.draft}; the same command goes on with it")
    print(f"next     {next_command(places)}")


@contextlib.contextmanager
def _ending_on_signals(server: SiteServer) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the server after the request that it is at."""

    def stop(number: int, frame: Any) -> None:
        # Not in this thread, whose loop it waits for.
        threading.Thread(target=server.shutdown).start()

    try:
        with answering_interrupts(stop):
            yield
    finally:
        server.server_close()
