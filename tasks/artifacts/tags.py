"""Names that people give to runs and artifacts: to keep them, and to call them by."""

import json
import re
import string
from dataclasses import asdict, dataclass

from tasks.artifacts.lookup import all_records, find_artifact
from tasks.artifacts.store import Store

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Tag:
    """A name of one run, by its id, or of one artifact, by its key."""

    name: str
    run: str = ""
    key: str = ""


def add_tag(store: Store, what: str, name: str) -> Tag:
    """Name the newest run called `what`, or the run with this id, or else the artifact whose key starts so.

    A tag of that name moves. ValueError where there is no such thing, or the name cannot be one.
    """
    if not _NAME.fullmatch(name) or set(name) <= set(string.hexdigits):
        raise ValueError(
            f"a tag has letters, digits, '.', '_' and '-' and does not look like a key, but was {name!r}; try best-{name}"
        )
    records = all_records(store)
    runs = [record["id"] for record in records if what in (record["run"], record["id"])]
    if not runs and not set(what) <= set(string.hexdigits) and what not in store.tags():
        known = ", ".join(sorted({record["run"] for record in records})) or "none"
        raise ValueError(f"the store has no run {what!r}, and no key begins so; its runs are: {known}")
    tag = Tag(name, run=runs[0]) if runs else Tag(name, key=find_artifact(store, what).key)
    store.write_tag(name, json.dumps(asdict(tag)))
    return tag


def remove_tag(store: Store, name: str) -> None:
    """ValueError where there is no such tag."""
    known = store.tags()
    if name not in known:
        raise ValueError(f"the store has no tag {name!r}; its tags are: {', '.join(sorted(known)) or 'none'}")
    store.delete_tag(name)


def read_tags(store: Store) -> list[Tag]:
    """All tags by name; ValueError for a damaged one: what it keeps is unknown."""
    found = []
    for name, text in sorted(store.tags().items()):
        try:
            found.append(Tag(**json.loads(text)))
        except (ValueError, TypeError) as error:
            raise ValueError(
                f"the tag {store.place}/tags/{name}.json is damaged; remove it with `artifacts untag {name}`"
            ) from error
    return found
