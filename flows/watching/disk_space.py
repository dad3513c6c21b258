"""How much room a disk has left, and when that is too little."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

LEAST_FREE_GB, DEFAULT_GB = "VERISIM_LEAST_FREE_GB", 5.0


@dataclass(frozen=True)
class DiskSpace:
    """Of the disk that holds `folder`."""

    folder: Path
    device: int  # the same of all folders on one disk
    free_bytes: int
    total_bytes: int

    def is_low(self) -> bool:
        """Less is free than VERISIM_LEAST_FREE_GB says."""
        return self.free_bytes < least_free_gb() * 1e9


def disk_space(folder: Path) -> DiskSpace | None:
    """None while the disk is away."""
    try:
        usage, device = shutil.disk_usage(folder), folder.stat().st_dev
    except OSError:
        return None
    return DiskSpace(folder, device, usage.free, usage.total)


def least_free_gb() -> float:
    """ValueError for a value that is no size."""
    text = os.environ.get(LEAST_FREE_GB, "")
    try:
        value = float(text) if text else DEFAULT_GB
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise ValueError(
            f"{LEAST_FREE_GB} must be a number of GB from 0, but was {text!r}; without it, {DEFAULT_GB:g}"
        )
    return value
