"""Which head belongs to which person, where annotations do not say."""

import itertools
from dataclasses import replace

from tasks.datasets.annotations import Annotation, Box

UNKNOWN_PERSON = -1  # person_id of a box that its file links to nobody


def link_persons(annotations: list[Annotation]) -> tuple[Annotation, ...]:
    """Give boxes without a person number one: a head that of the smallest free person box around its centre."""
    numbers = itertools.count(1 + max((box.person_id for box in annotations), default=0))
    linked = [box for box in annotations if box.person_id != UNKNOWN_PERSON]
    unknown = [box for box in annotations if box.person_id == UNKNOWN_PERSON]
    persons = [replace(box, person_id=next(numbers)) for box in unknown if box.target == "person"]
    free = sorted((box for box in persons if not box.is_crowd), key=lambda box: _area(box.box_xyxy))
    heads = []
    for head in (box for box in unknown if box.target == "head"):
        owner = next((person for person in free if _holds(person.box_xyxy, head.box_xyxy)), None)
        if owner is not None:
            free.remove(owner)
        heads.append(replace(head, person_id=owner.person_id if owner else next(numbers)))
    return (*linked, *persons, *heads)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _holds(outer: Box, inner: Box) -> bool:
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]
