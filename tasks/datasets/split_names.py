"""The splits of real images, and what others call them."""

import re
from typing import Literal

SplitName = Literal["train", "val", "test"]
SPLITS: tuple[SplitName, ...] = ("train", "val", "test")
_WORDS: dict[str, SplitName] = {
    **dict.fromkeys(("train", "training", "trainset", "trn"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "valset", "dev"), "val"),
    **dict.fromkeys(("test", "testing", "testset"), "test"),
}


def split_meant(word: object) -> SplitName | None:
    """The split that a word such as `valid` or `train2017` means; None for any other."""
    return _WORDS.get(re.sub(r"\d{4}$", "", word.strip().lower())) if isinstance(word, str) else None


def split_in(path: str) -> SplitName | None:
    """The split that the first word of a path's folders and name that means one says: `instances_val2017.json`."""
    words = (word for part in path.split("/") for word in (part, *re.split(r"[_.\-]", part)))
    return next((split for word in words if (split := split_meant(word))), None)
