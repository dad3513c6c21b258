"""Heads of persons for whom none is annotated, from the person's box and the point below the camera."""

from dataclasses import replace

import numpy as np

from tasks.datasets.annotations import AnnotatedImage, Annotation


def with_estimated_heads(image: AnnotatedImage) -> AnnotatedImage:
    """Give persons without a head box an estimated one, at the end of the box that is farther from the nadir.

    Good enough to place crops, never used to train or score head detectors.
    """
    have_heads = {box.person_id for box in image.boxes("head")}
    bare = [box for box in image.boxes("person") if box.person_id not in have_heads and not box.is_crowd]
    heads = tuple(
        Annotation(
            target="head",
            box_xyxy=_outer_end(box.box_xyxy, image),
            person_id=box.person_id,
            visibility=box.visibility,
            is_estimated=True,
        )
        for box in bare
    )
    return replace(image, annotations=(*image.annotations, *heads))


def _outer_end(
    box_xyxy: tuple[float, float, float, float], image: AnnotatedImage
) -> tuple[float, float, float, float]:
    """A square of 0.4 of the shorter side, inside the outer end of the ellipse that the box encloses."""
    left, top, right, bottom = box_xyxy
    center = np.array([(left + right) / 2, (top + bottom) / 2])
    half = np.array([(right - left) / 2, (bottom - top) / 2])
    outward = center - image.nadir_px
    norm = np.hypot(*outward)
    direction = outward / norm if norm > 1e-6 else np.array([0.0, -1.0])
    reach = 1 / np.hypot(*(direction / half))
    radius = 0.4 * half.min()
    x, y = center + direction * max(reach - radius, 0.0)
    return (float(x - radius), float(y - radius), float(x + radius), float(y + radius))
