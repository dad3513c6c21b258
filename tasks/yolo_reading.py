"""Reads YOLO's text files: one an image, a line a box: class, centre x, centre y, width, height, as shares of the image."""

from collections.abc import Mapping
from pathlib import Path

from blender_assets.yaml_reading import read_yaml
from tasks.annotations import AnnotatedImage, Annotation, Target
from tasks.coco_reading import TARGET_NAMES, UNKNOWN_PERSON, checked_box, link_persons
from tasks.images import read_image

_VALUES = 5


def read_class_targets(path: Path) -> dict[int, Target | None]:
    """What each class number means, from `names` of a data.yaml or the lines of a classes.txt; None: neither of ours.

    ValueError where no class is heads or persons.
    """
    names = path.read_text(encoding="utf-8").split("\n") if path.suffix == ".txt" else _yaml_names(path)
    numbered = dict(enumerate(names)) if isinstance(names, list) else names
    targets: dict[int, Target | None] = {
        number: TARGET_NAMES.get(str(name).strip().lower()) for number, name in numbered.items()
    }
    if not any(targets.values()):
        raise ValueError(
            f"{path} has the classes {list(numbered.values())}, but `head` or `person` is needed; rename one of them"
        )
    return targets


def _yaml_names(path: Path) -> list[str] | dict[int, str]:
    content = read_yaml(path)
    names = content.get("names") if isinstance(content, dict) else None
    if isinstance(names, list) or (isinstance(names, dict) and all(isinstance(key, int) for key in names)):
        return names
    raise ValueError(f"{path} has no list of `names`; add the classes, e.g. names: [person, head]")


def read_yolo_image(
    path: Path, name: str, image_path: Path, targets: Mapping[int, Target | None]
) -> AnnotatedImage:
    """The boxes of the image called `name`, whose size is looked up in its file. ValueError names file and line."""
    height, width = read_image(image_path).shape[:2]
    boxes = [
        _annotation(f"{path}: line {number}", line.split(), (width, height), targets)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if line.strip()
    ]
    return AnnotatedImage(name, width, height, (0.0, 0.0), link_persons(boxes))


def _annotation(
    place: str, words: list[str], size: tuple[int, int], targets: Mapping[int, Target | None]
) -> Annotation:
    if len(words) != _VALUES:
        raise ValueError(
            f"{place} has {len(words)} values, but a box has {_VALUES}: class, centre x, centre y, width, height; "
            "outlines, turned boxes and predictions with scores are no annotations"
        )
    try:
        number, (x, y, width, height) = int(words[0]), map(float, words[1:])
    except ValueError:
        raise ValueError(
            f"{place} has the values {' '.join(words)!r}; a class number and four shares are needed"
        ) from None
    if not all(0 <= share <= 1 for share in (x, y, width, height)):
        raise ValueError(
            f"{place} has the values {' '.join(words)!r}, but shares of the image are from 0 to 1; divide by its size"
        )
    target = targets.get(number)
    if target is None:
        known = sorted(known for known, meaning in targets.items() if meaning)
        raise ValueError(
            f"{place} has the class {number}, but head and person have {known}; remove or rename it"
        )
    image = {"width": size[0], "height": size[1]}
    xywh = [(x - width / 2) * size[0], (y - height / 2) * size[1], width * size[0], height * size[1]]
    return Annotation(target, checked_box(place, xywh, image), UNKNOWN_PERSON)
