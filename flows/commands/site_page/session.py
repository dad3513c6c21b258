"""The draft that one page works on, kept in a file beside the site file after every change."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from blender_assets.both_sides.places import is_file
from blender_assets.both_sides.text_reading import read_text
from blender_assets.site import parse_site
from flows.commands.site_page.answer import answer_draft
from tasks.images.files import write_at_once
from tasks.sites.describing.draft import Draft, first_draft
from tasks.sites.describing.site_text import site_text


class FileIsKept(ValueError):
    """There is a site file that this command did not write."""


@dataclass(frozen=True)
class SitePlaces:
    """The photo and the site file that is to be made."""

    photo: Path
    site: Path

    @property
    def draft(self) -> Path:
        return self.site.with_name(f"{self.site.name}.draft")

    @property
    def image(self) -> str:
        """The photo as the site file names it."""
        return Path(os.path.relpath(self.photo.resolve(), self.site.parent.resolve())).as_posix()


def open_draft(places: SitePlaces) -> tuple[Draft, bool]:
    """The draft that was left, or what the photo says; and whether it was left.

    ValueError for a photo that cannot be used and for a draft of another one.
    """
    found = _knowing_its_file(first_draft(places.photo), places)
    if not is_file(places.draft):
        return found, False
    left = _read_draft(places.draft)
    if (left.photo.name, left.size_px) != (found.photo.name, found.size_px):
        raise ValueError(
            f"{places.draft} is of another photo ({left.photo.name}, {left.photo.width_px} x {left.photo.height_px} "
            "pixels); remove it to begin anew, or name another site file as --to"
        )
    return left, True


def _knowing_its_file(draft: Draft, places: SitePlaces) -> Draft:
    """So that a file which this command wrote without a page is not a person's."""
    return draft.model_copy(update={"saved_digest": _digest(written_text(draft, places.image).encode())})


def _read_draft(path: Path) -> Draft:
    try:
        return Draft.model_validate_json(read_text(path))
    except ValidationError:
        raise ValueError(f"{path} is no draft of a site; remove it to begin anew") from None


def keep_draft(places: SitePlaces, draft: Draft) -> None:
    """There whole or not at all."""
    text = draft.model_dump_json(indent=1)
    write_at_once(places.draft, lambda partial: partial.write_text(text, encoding="utf-8"))


def written_text(draft: Draft, image: str) -> str:
    """The site file's text, which the project's reader has taken. ValueError says what to mend."""
    answer, described = answer_draft(draft)
    if described is None or answer.problem is not None:
        raise ValueError(answer.problem)
    text = site_text(draft, described, image)
    parse_site(yaml.safe_load(text), source="the site file")
    return text


def save_site(draft: Draft, places: SitePlaces, *, replaces: bool) -> Draft:
    """Write the site file at once and return the draft that knows it.

    Raises FileIsKept where a file is there that is not as this command wrote it, unless it is to be replaced.
    """
    text = written_text(draft, places.image)
    if not replaces and is_foreign(draft, places):
        raise FileIsKept(f"{places.site} is there already and was not made here; it is kept")
    write_at_once(places.site, lambda partial: partial.write_text(text, encoding="utf-8"))
    return draft.model_copy(update={"saved_digest": _digest(text.encode())})


def is_foreign(draft: Draft, places: SitePlaces) -> bool:
    """Whether a file is there that a person wrote or changed."""
    return places.site.exists() and _digest(places.site.read_bytes()) != draft.saved_digest


def saved_state(draft: Draft, places: SitePlaces) -> dict[str, Any]:
    """What the page says of the file."""
    try:
        text = written_text(draft, places.image)
    except ValueError:
        text = ""
    return {
        "path": str(places.site),
        "text": text,
        "is_saved": bool(text)
        and draft.saved_digest == _digest(text.encode())
        and not is_foreign(draft, places),
        "is_foreign": is_foreign(draft, places),
        "next": next_command(places),
    }


def next_command(places: SitePlaces) -> str:
    return f"uv run python -m flows preview {places.site}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
