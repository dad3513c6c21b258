"""The card of an exported dataset: what is in it and where it comes from, as JSON and as markdown."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tasks.datasets.annotations import AnnotatedImage, Annotation

# COCO's: areas of a box in square pixels.
_SIZES = (("small (below 32 x 32 px)", 32**2), ("medium (below 96 x 96 px)", 96**2), ("large", None))
NO_LICENCE = "not stated; set `licence` in the run configuration"


@dataclass(frozen=True)
class Origin:
    """Where a dataset comes from: `artifacts` and `photos` are records with kind or name and key or digest."""

    source: str
    licence: str = NO_LICENCE
    artifacts: list[dict[str, Any]] = field(default_factory=list)
    photos: list[dict[str, str]] = field(default_factory=list)
    refiners: list[str] = field(default_factory=list)
    real_splits: dict[str, int] = field(default_factory=dict)
    libraries: dict[str, list[str]] = field(default_factory=dict)
    configuration: dict[str, Any] | None = None


def count_content(images: Sequence[AnnotatedImage]) -> dict[str, Any]:
    """Images, also by split, background and clip where these are known, and boxes by target and size."""
    boxes = [box for image in images for box in image.annotations]
    groups = {
        "split": Counter(str(image.extra["split"]) for image in images if "split" in image.extra),
        "background": Counter(
            str(image.extra["background"]) for image in images if "background" in image.extra
        ),
        "clip": Counter(image.clip for image in images if image.clip),
    }
    targets = sorted({box.target for box in boxes})
    return {
        "images": len(images),
        "images_without_boxes": sum(not image.annotations for image in images),
        "image_sizes_px": dict(Counter(f"{image.width_px} x {image.height_px}" for image in images)),
        "images_by": {name: dict(counter) for name, counter in groups.items() if counter},
        "boxes": {target: _count_boxes([box for box in boxes if box.target == target]) for target in targets},
    }


def write_card(out: Path, images: Sequence[AnnotatedImage], form: str, origin: Origin) -> None:
    """`card.json` and `card.md` into the folder of an export."""
    content = {"form": form, **count_content(images), "origin": asdict(origin)}
    (out / "card.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
    (out / "card.md").write_text(_markdown(content), encoding="utf-8")


def _count_boxes(boxes: list[Annotation]) -> dict[str, Any]:
    sizes = Counter(_size(box) for box in boxes)
    return {
        "all": len(boxes),
        "by_size": {name: sizes[name] for name, _ in _SIZES},
        "crowds": sum(box.is_crowd for box in boxes),
        "seen_less_than_half": sum(box.visibility < 0.5 for box in boxes),
    }


def _size(box: Annotation) -> str:
    left, top, right, bottom = box.box_xyxy
    area = (right - left) * (bottom - top)
    return next(name for name, limit in _SIZES if limit is None or area < limit)


def _markdown(content: dict[str, Any]) -> str:
    origin = content["origin"]
    lines = [f"# {origin['source']}", "", f"Licence: {origin['licence']}", "", "## Content", ""]
    lines += [
        f"{content['images']} images ({content['images_without_boxes']} without boxes), in the form `{content['form']}`."
    ]
    lines += [
        "",
        *_box_table(content["boxes"]),
        "",
        *group_lines(content["images_by"]),
        "",
        *origin_lines(origin),
    ]
    return "\n".join(lines)


def origin_lines(origin: dict[str, Any]) -> list[str]:
    """Markdown of an `Origin` as a record: its photos, refiners, splits, artifacts and libraries."""
    lines = ["## Origin", ""]
    lines += [f"- photo {photo['name']}, sha256 {photo['digest'][:12]}" for photo in origin["photos"]]
    lines += [f"- refiner {key[:12]}" for key in origin["refiners"]]
    lines += [f"- the run's R_{name}: {count} images" for name, count in origin["real_splits"].items()]
    kinds = Counter(item["kind"] for item in origin["artifacts"])
    lines += [
        f"- artifacts: {', '.join(f'{count} {kind}' for kind, count in kinds.items())}; keys in card.json"
    ]
    versions = [f"{name} {' and '.join(found)}" for name, found in origin["libraries"].items()]
    return [*lines, "", "## Software", "", ", ".join(versions) or "not known", ""]


def _box_table(boxes: dict[str, Any]) -> list[str]:
    names = [name for name, _ in _SIZES]
    header = ["Boxes of", "All", *names, "Seen less than half", "Crowds"]
    rows = [
        [
            target,
            found["all"],
            *(found["by_size"][name] for name in names),
            found["seen_less_than_half"],
            found["crowds"],
        ]
        for target, found in boxes.items()
    ]
    return [f"| {' | '.join(map(str, row))} |" for row in (header, ["---"] * len(header), *rows)]


def group_lines(groups: dict[str, dict[str, int]]) -> list[str]:
    """A sentence for each way in which the images are grouped."""
    return [
        f"Images by {name}: {', '.join(f'{value} {count}' for value, count in counts.items())}."
        for name, counts in groups.items()
    ]
