"""What is known of every rendered person, from the rendered mask and from the person's surface alone.

The rendered mask says what is seen; the person's own surface, at the middle of every pixel, says what there would be to see
if nothing stood in front and the image went on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from blender_assets.annotation_settings import AnnotationSettings
from blender_assets.boxes import Box, RotatedBox, clip_box, intersection, projected_box, radial_box, tight_box
from blender_assets.coco_keypoints import KEYPOINT_NAMES
from blender_assets.lens.camera import Camera
from blender_assets.placement import PlacedPerson
from blender_assets.rasterizing import (
    ProjectedMesh,
    Raster,
    Window,
    first_distances,
    project_mesh,
    rasterize,
)

# A collar that lies on the neck is where the head ends; an arm farther before the face hides it.
COLLAR_M = 0.16
# Less than this share of an outline is lost by chance where nothing hides it.
LEAST_WHOLE_SHARE = 0.93
NOT_LABELED, HIDDEN, VISIBLE = 0, 1, 2
# How deep a keypoint lies under skin, hair and clothes at most.
_DEPTHS_M = {
    "nose": 0.02,
    "eye": 0.025,
    "ear": 0.035,
    "shoulder": 0.13,
    "elbow": 0.09,
    "wrist": 0.07,
    "hip": 0.2,
    "knee": 0.11,
    "ankle": 0.09,
}
KEYPOINT_DEPTH_M = np.array([_DEPTHS_M[name.rpartition("_")[2]] for name in KEYPOINT_NAMES])

Rle = dict[str, Any]


@dataclass(frozen=True)
class PersonAnnotation:
    """Boxes in pixels, clipped to the image; visibility is the share of the area in plain sight, 0 to 1.

    Distances are from the camera to the middle of the part. keypoints hold 17 times x, y and COCO's flag (0 outside the
    image, 1 hidden, 2 visible).
    """

    head_box_xyxy: Box
    person_box_xyxy: Box
    head_visibility: float
    person_visibility: float
    head_rotated_box: RotatedBox | None
    person_rotated_box: RotatedBox | None
    head_distance_m: float
    person_distance_m: float
    head_rle: Rle | None
    person_rle: Rle | None
    keypoints: tuple[float, ...] | None


@dataclass(frozen=True)
class ImageAnnotation:
    """All people of an image; parts [h, w] and distance_m [h, w] along the ray are 0 where nobody is seen."""

    people: list[PersonAnnotation]
    parts: NDArray[np.uint8]
    distance_m: NDArray[np.float32]


def annotate_people(
    camera: Camera, people: Sequence[PlacedPerson], mask: NDArray[np.integer], settings: AnnotationSettings
) -> ImageAnnotation:
    """mask [h, w] is k + 1 where people[k] is seen."""
    parts, distance_m = np.zeros(mask.shape, dtype=np.uint8), np.zeros(mask.shape, dtype=np.float32)
    found = []
    for k, person in enumerate(people):
        view = _PersonView(camera, person, mask == k + 1)
        found.append(view.annotate(settings))
        parts[view.is_seen] = view.seen_parts()
        distance_m[view.is_seen] = view.seen_distances()
    return ImageAnnotation(found, parts, distance_m)


class _PersonView:
    """One person's surface in the image, and the pixels [h, w] where the person is seen."""

    def __init__(self, camera: Camera, person: PlacedPerson, is_seen: NDArray[np.bool_]) -> None:
        self.camera, self.person, self.is_seen = camera, person, is_seen
        self.pixels = camera.project(person.vertices)
        distances = np.linalg.norm(person.vertices - camera.position(), axis=1)
        self.used = np.unique(person.mesh.quads)
        self.mesh: ProjectedMesh = project_mesh(self.pixels, distances, person.mesh.quads)
        self.raster: Raster = rasterize(self.mesh, _window_around(self.pixels[self.used], camera))
        self.seen = _cut(is_seen, self.raster.window)
        self.nearest = _nearest_covered(self.raster.is_covered)
        self.face = np.maximum(self.raster.face.ravel()[self.nearest], 0)
        in_head = np.zeros(len(person.vertices), dtype=bool)
        in_head[person.mesh.head_vertices] = True
        self.is_head_face = in_head[person.mesh.quads].all(axis=1)

    def annotate(self, settings: AnnotationSettings) -> PersonAnnotation:
        head_there, head_seen = self._head()
        head_visibility = _visible_share(head_there, head_seen)
        visibility = _visible_share(self.raster.is_covered, self.seen)
        head = self.person.mesh.head_vertices
        has_rle = settings.has_segmentation
        person_box = self._person_box(visibility, settings)
        head_box = clip_box(projected_box(self.pixels[head]), self.camera)
        return PersonAnnotation(
            head_box_xyxy=intersection(head_box, self._whole_box(visibility)),
            person_box_xyxy=person_box,
            head_visibility=head_visibility,
            person_visibility=visibility,
            head_rotated_box=self._rotated_box(head),
            person_rotated_box=self._person_rotated_box(settings),
            head_distance_m=self._distance(head),
            person_distance_m=self._distance(self.used),
            head_rle=_encode(self._to_image(head_seen)) if has_rle else None,
            person_rle=_encode(self.is_seen) if has_rle else None,
            keypoints=self._keypoints() if settings.has_keypoints else None,
        )

    def seen_parts(self) -> NDArray[np.uint8]:
        """[n] of the visible pixels in reading order."""
        return self._to_image(self.person.mesh.face_parts[self.face])[self.is_seen]

    def seen_distances(self) -> NDArray[np.float64]:
        """[n] metres along the ray, of the visible pixels in reading order."""
        return self._to_image(self.raster.distance_m.ravel()[self.nearest])[self.is_seen]

    def _head(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """[h, w] of the window: where the head would be seen if nothing hid it, and where it is seen."""
        alone = rasterize(self.mesh, self.raster.window, is_drawn=self.is_head_face)
        with np.errstate(invalid="ignore"):
            behind_m = alone.distance_m - self.raster.distance_m
        is_collar = (behind_m > 0) & (behind_m < COLLAR_M)
        return alone.is_covered & ~is_collar, self.seen & self.is_head_face[self.face]

    def _person_box(self, visibility: float, settings: AnnotationSettings) -> Box:
        if settings.person_box == "whole" or not self.seen.any():
            return self._whole_box(visibility)
        return tight_box(self.seen, left=self.raster.window.left, top=self.raster.window.top)

    def _whole_box(self, visibility: float) -> Box:
        """Around the mask of a person in full view; else around the whole person, also where hidden."""
        if visibility == 1.0:
            return tight_box(self.seen, left=self.raster.window.left, top=self.raster.window.top)
        return clip_box(projected_box(self.pixels[self.used]), self.camera)

    def _person_rotated_box(self, settings: AnnotationSettings) -> RotatedBox | None:
        if settings.person_box == "whole" or not self.seen.any():
            return self._rotated_box(self.used)
        corners = np.argwhere(self.seen)[:, ::-1] + [self.raster.window.left, self.raster.window.top]
        return radial_box(np.concatenate([corners, corners + 1]).astype(float), self.camera.nadir_px())

    def _rotated_box(self, vertices: NDArray[np.integer]) -> RotatedBox | None:
        """Around what of these vertices is in the image, hidden or not."""
        pixels = self.pixels[vertices]
        pixels = pixels[self.camera.sees(pixels)]
        return radial_box(pixels, self.camera.nadir_px()) if len(pixels) else None

    def _distance(self, vertices: NDArray[np.integer]) -> float:
        points = self.person.vertices[vertices]
        middle = (points.min(axis=0) + points.max(axis=0)) / 2
        return float(np.linalg.norm(middle - self.camera.position()))

    def _keypoints(self) -> tuple[float, ...]:
        points = self.person.spot.move(self.person.mesh.keypoints)
        pixels = self.camera.project(points)
        distances = np.linalg.norm(points - self.camera.position(), axis=1)
        is_inside = self.camera.sees(pixels)
        # The mask ends within half a pixel of the outline.
        around = cv2.dilate(self.is_seen.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
        flags = np.full(len(pixels), NOT_LABELED)
        columns, rows = np.minimum(
            pixels[is_inside].astype(int), [around.shape[1] - 1, around.shape[0] - 1]
        ).T
        first_m = first_distances(self.mesh, pixels[is_inside])
        is_own_surface = distances[is_inside] - first_m < KEYPOINT_DEPTH_M[is_inside]
        flags[is_inside] = np.where(is_own_surface & around[rows, columns], VISIBLE, HIDDEN)
        values = np.where(is_inside[:, None], pixels, 0.0)
        return tuple(float(v) for v in np.column_stack([values, flags]).round(2).ravel())

    def _to_image(self, values: np.ndarray) -> np.ndarray:
        """[h, w] of the window -> [h, w] of the image, 0 elsewhere."""
        image = np.zeros(self.is_seen.shape, dtype=values.dtype)
        inside, part = _overlap(self.raster.window, self.is_seen.shape)
        image[inside] = values[part]
        return image


def _window_around(pixels: NDArray[np.float64], camera: Camera) -> Window:
    """The person's whole pixels, and of what is outside the image at most one more image on each side."""
    size = np.array([camera.width_px, camera.height_px])
    low = np.clip(np.floor(np.nanmin(pixels, axis=0)) - 2, -size, 2 * size - 1).astype(int)
    high = np.clip(np.ceil(np.nanmax(pixels, axis=0)) + 2, low + 1, 2 * size).astype(int)
    return Window(int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))


def _overlap(window: Window, shape: tuple[int, ...]) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Where window and image overlap: slices of the image, slices of the window."""
    y0, y1 = np.clip([window.top, window.top + window.height], 0, shape[0]).tolist()
    x0, x1 = np.clip([window.left, window.left + window.width], 0, shape[1]).tolist()
    part = (slice(y0 - window.top, y1 - window.top), slice(x0 - window.left, x1 - window.left))
    return (slice(y0, y1), slice(x0, x1)), part


def _cut(image: NDArray[np.bool_], window: Window) -> NDArray[np.bool_]:
    """[h, w] of the window, false outside the image."""
    cut = np.zeros((window.height, window.width), dtype=bool)
    inside, part = _overlap(window, image.shape)
    cut[part] = image[inside]
    return cut


def _nearest_covered(is_covered: NDArray[np.bool_]) -> NDArray[np.int64]:
    """[h, w] flat index of the covered pixel that is nearest to each pixel: outlines differ by half a pixel."""
    places = np.flatnonzero(is_covered)
    if not len(places):
        return np.zeros(is_covered.shape, dtype=np.int64)
    is_empty = (~is_covered).astype(np.uint8)
    _, labels = cv2.distanceTransformWithLabels(is_empty, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL)
    numbers = np.asarray(labels, dtype=np.int64)
    place_of_label = np.zeros(int(numbers.max()) + 1, dtype=np.int64)
    place_of_label[numbers.ravel()[places]] = places
    return place_of_label[numbers]


def _visible_share(there: NDArray[np.bool_], seen: NDArray[np.bool_]) -> float:
    """Share of what would be seen that is seen; 1 where only pixels of the outline, half covered, differ."""
    count, seen_count = int(there.sum()), int(seen.sum())
    if not seen_count:
        return 0.0
    # A rim of nothing keeps the window's own border from counting as inside.
    inner = cv2.erode(np.pad(there, 1).astype(np.uint8), np.ones((3, 3), np.uint8))[1:-1, 1:-1].astype(bool)
    is_whole = bool(seen[inner].all()) and seen_count >= LEAST_WHOLE_SHARE * count
    return 1.0 if is_whole else min(seen_count / max(count, 1), 1.0)


def _encode(mask: NDArray[np.bool_]) -> Rle:
    """[h, w] -> COCO's compressed run lengths."""
    encoded = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    counts: Any = encoded["counts"]
    return {"size": [int(n) for n in encoded["size"]], "counts": counts.decode("ascii")}
