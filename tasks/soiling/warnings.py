"""What a reader must know before believing the figures of detectors of soiling, in words."""

from typing import Any

from tasks.segmentation.notes import warnings as segment_warnings


def warnings(content: dict[str, Any]) -> list[str]:
    """Those of any segmenters, and what is of soiling; `content` is that of `write_soiling_report`."""
    notes = segment_warnings(content["detection"])
    if content["config"]["is_soiling_drawn"]:
        notes.append(
            "The soiling that is called real was drawn, by optics and noise: a stand-in. Networks learn to draw it again, "
            "and what that helps on this test says nothing of mud on a real lens."
        )
    return notes
