"""A set that is easy to annotate and not trivial to find: red ellipses on a patchy, noisy ground."""

import numpy as np

from models.detection.data import DetectionSet

HEIGHT_PX, WIDTH_PX = 96, 128


def draw_set(num_images: int, *, seed: int) -> DetectionSet:
    rng = np.random.default_rng(seed)
    images, boxes = zip(*(draw_image(rng) for _ in range(num_images)), strict=True)
    return DetectionSet(np.stack(images), list(boxes))


def draw_image(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    patches = rng.uniform(40, 200, (HEIGHT_PX // 16, WIDTH_PX // 16, 3))
    image = patches.repeat(16, 0).repeat(16, 1) + rng.normal(0, 12, (HEIGHT_PX, WIDTH_PX, 3))
    boxes: list[np.ndarray] = []
    for _ in range(rng.integers(0, 5)):
        half = rng.uniform(6, 14, 2)
        centre = rng.uniform(half, (WIDTH_PX, HEIGHT_PX) - half)
        box = np.concatenate((centre - half, centre + half))
        if all(are_apart(box, other) for other in boxes):
            paint_ellipse(image, centre, half, rng)
            boxes.append(box)
    return np.clip(image, 0, 255).astype(np.uint8), np.array(boxes, np.float32).reshape(-1, 4)


def paint_ellipse(image: np.ndarray, centre: np.ndarray, half: np.ndarray, rng: np.random.Generator) -> None:
    y, x = np.mgrid[:HEIGHT_PX, :WIDTH_PX] + 0.5
    inside = ((x - centre[0]) / half[0]) ** 2 + ((y - centre[1]) / half[1]) ** 2 <= 1
    image[inside] = rng.uniform((180, 20, 20), (255, 70, 70)) + rng.normal(0, 8, (inside.sum(), 3))


def are_apart(first: np.ndarray, second: np.ndarray) -> bool:
    return bool(np.any(first[:2] > second[2:] - 4) or np.any(second[:2] > first[2:] - 4))
