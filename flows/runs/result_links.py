"""A run's page in the store, and how the UI leads to it from a browser of any machine."""

import logging
import os
import re
from pathlib import Path

from tasks.artifacts.pages import publish_page, signed_link
from tasks.building.run_context import Run

PAGES_URL = "VERISIM_PAGES_URL"
SIGNED = "signed"
_LINK = re.compile(r"\*\*\[Open the page\]\((\S+)\)\*\*")
log = logging.getLogger("verisim.run")


def publish(run: Run, page: Path) -> str:
    """Copy a page, with what lies beside it, into the run's store; the line that leads there, as markdown.

    The result stands without the copy: where it cannot be made the line names the file alone.
    """
    try:
        publish_page(run.store, run.id, page.parent)
        link = page_link(run)
    except (OSError, ValueError) as error:
        log.warning("the page of %s has no link: %s", run.name, error)
        link = None
    return f"Page: `{page}`" if link is None else f"**[Open the page]({link})** (`{page}`)"


def read_link(result: str) -> str | None:
    """The address in a result that begins with what `publish` gave."""
    found = _LINK.match(result)
    return found[1] if found else None


def page_link(run: Run) -> str | None:
    """Where browsers open the run's page: below what VERISIM_PAGES_URL says of the store's folder `pages`, or signed.

    None without it; ValueError for a bad value.
    """
    base = os.environ.get(PAGES_URL, "")
    if base == SIGNED:
        return signed_link(run.store, run.id)
    if not base:
        return None
    if not base.startswith(("http://", "https://")):
        raise ValueError(
            f"{PAGES_URL} is {base!r}, but must be an address like https://flows.example/pages, or {SIGNED!r} for "
            "links that a bucket signs; set it so, or unset it"
        )
    return f"{base.rstrip('/')}/{run.id}/index.html"
