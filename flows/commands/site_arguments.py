"""The arguments of `python -m flows site new`."""

import argparse
from pathlib import Path
from typing import Any


def add_site_command(commands: Any) -> None:
    """To the subparsers of the command line."""
    site = commands.add_parser("site", help="describe the camera of a place, from one of its photos")
    new = site.add_subparsers(required=True, metavar="new").add_parser(
        "new", help="write a site file from a photo, then open a page on this machine to complete it"
    )
    new.set_defaults(command=_site_new)
    new.add_argument("photo", type=Path, metavar="PHOTO", help="the empty place, as the camera sees it")
    new.add_argument("--to", type=Path, metavar="SITE.yaml", help="default: site.yaml beside the photo")
    new.add_argument(
        "--no-page", action="store_true", help="write what the photo says by itself, and end; works over ssh"
    )
    new.add_argument("--overwrite", action="store_true", help="replace a site file that is there already")
    new.add_argument("--port", type=int, default=0, metavar="N", help="of the page (default: a free one)")


def _site_new(options: argparse.Namespace) -> int:
    from flows.commands.site_new import NewSite, new_site

    choice = NewSite(has_page=not options.no_page, overwrites=options.overwrite, port=options.port)
    return new_site(options.photo, options.to or options.photo.with_name("site.yaml"), choice)
