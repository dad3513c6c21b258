"""Which images of a set are meant, by patterns for what their records say."""

import fnmatch
from dataclasses import asdict
from typing import Literal

from tasks.formats.label_maps import LabelMapRecord

# By field of a record: it fits where each named field fits one of its patterns.
Patterns = dict[Literal["name", "sequence", "city", "camera", "condition"], tuple[str, ...]]


def matches(record: LabelMapRecord, where: Patterns) -> bool:
    """Whether each named field fits one of its patterns."""
    fields = asdict(record)
    return all(
        any(fnmatch.fnmatchcase(str(fields[name]), pattern) for pattern in patterns)
        for name, patterns in where.items()
    )
