"""The class tables that come with Verisim, by name."""

import functools
from pathlib import Path

from tasks.class_tables.reading import read_class_table
from tasks.class_tables.table import ClassTable

_FOLDER = Path(__file__).parent
TABLES = ("cityscapes", "camvid11", "camvid32", "woodscape_soiling")
LEVELS_TABLE = "woodscape_soiling"  # of how much soiling hides
# data sets that took over another one's labels
ALIASES = {other: "cityscapes" for other in ("acdc", "bdd100k", "dark_zurich", "kitti", "nighttime_driving")}


@functools.cache
def known_table(name: str) -> ClassTable:
    """One of `TABLES`, or of the data sets that share one. ValueError names what there is."""
    own = ALIASES.get(name, name)
    if own not in TABLES:
        raise ValueError(
            f"there is no class table {name!r}; known are {', '.join((*TABLES, *ALIASES))}, or name a file with your own"
        )
    return read_class_table(_FOLDER / f"{own}.yaml")


def find_table(name: str, folder: Path) -> ClassTable:
    """A known table, or the user's own in a file whose place is relative to `folder`."""
    is_known = name in TABLES or name in ALIASES
    return known_table(name) if is_known or not Path(name).suffix else read_class_table(folder / name)
