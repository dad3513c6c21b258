"""The card of an exported set of label maps: images by split and place, pixels by class, and where it comes from."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tasks.class_tables.table import IGNORED, ClassTable
from tasks.exporting.card import Origin, group_lines, origin_lines
from tasks.formats.label_maps import LabelMapRecord


@dataclass(frozen=True)
class LabelCounts:
    """`pixels` int64 [256] by training id of the table that was written; `notes` say what the form could not."""

    table: ClassTable | None
    pixels: np.ndarray
    notes: tuple[str, ...]


def write_label_map_card(
    out: Path, form: str, records: Sequence[LabelMapRecord], counts: LabelCounts, origin: Origin
) -> None:
    """`card.json` and `card.md` into the folder of an export."""
    content = {"form": form, **_content(records, counts), "origin": asdict(origin)}
    (out / "card.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
    (out / "card.md").write_text(_markdown(content), encoding="utf-8")


def _content(records: Sequence[LabelMapRecord], counts: LabelCounts) -> dict[str, Any]:
    groups = {
        what: Counter(value for record in records if (value := getattr(record, what)))
        for what in ("split", "city", "camera", "sequence")
    }
    names = counts.table.class_names() if counts.table else ()
    return {
        "images": len(records),
        "images_without_label_maps": sum(not record.has_label for record in records),
        "images_by": {what: dict(counter) for what, counter in groups.items() if counter},
        "classes": counts.table.name if counts.table else None,
        "pixels": {name: int(count) for name, count in zip(names, counts.pixels, strict=False)},
        "ignored_pixels": int(counts.pixels[IGNORED]),
        "notes": list(counts.notes),
    }


def _markdown(content: dict[str, Any]) -> str:
    origin = content["origin"]
    lines = [f"# {origin['source']}", "", f"Licence: {origin['licence']}", "", "## Content", ""]
    lines += [
        f"{content['images']} images ({content['images_without_label_maps']} without label maps), in the form "
        f"`{content['form']}`."
    ]
    lines += ["", *_pixel_table(content), "", *group_lines(content["images_by"]), ""]
    lines += [f"- {note}" for note in content["notes"]]
    return "\n".join([*lines, *([""] if content["notes"] else []), *origin_lines(origin)])


def _pixel_table(content: dict[str, Any]) -> list[str]:
    """Each class's share of all pixels that have a map."""
    counts = content["pixels"] | {"(ignored)": content["ignored_pixels"]}
    total = max(1, sum(counts.values()))
    rows = [(name, count, f"{count / total:.2%}") for name, count in counts.items()]
    header = ("Class", "Pixels", "Share")
    return [f"| {' | '.join(map(str, row))} |" for row in (header, ["---"] * 3, *rows)]
