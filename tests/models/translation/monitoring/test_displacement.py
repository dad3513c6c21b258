import numpy as np
import pytest

from models.translation.monitoring.displacement import displacements_px, summarise

SIDE = 64
HEADS = np.tile([22.0, 8.0, 42.0, 28.0], (24, 1))  # 20 px: patches of 30 px


def portraits(moves_xy: np.ndarray, *, side: int = SIDE, seed: int = 0) -> np.ndarray:
    """uint8 [n, side, side, 3]: a still room, and before it a head with shades of its own at its place plus a move."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:side, :side] + 0.5
    images = []
    for x, y in moves_xy:
        room = smooth(rng, (side, side), detail=6)
        centre = 32 * side / 64 + x, 18 * side / 64 + y
        head = np.clip(9 * side / 64 - np.hypot(columns - centre[0], rows - centre[1]) + 0.5, 0, 1)
        shade = 90 + 40 * np.sin((columns - centre[0]) / 3) * np.cos((rows - centre[1]) / 4)
        grey = room * (1 - head) + shade * head
        images.append(np.repeat(grey[..., None], 3, axis=2))
    return np.stack(images).round().clip(0, 255).astype(np.uint8)


def smooth(rng: np.random.Generator, shape: tuple[int, int], *, detail: int) -> np.ndarray:
    """A grey image of a few waves."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    waves = rng.uniform(-0.5, 0.5, (detail, 2))
    phases = rng.uniform(0, 6, detail)
    values = sum(
        np.sin(row * rows + column * columns + phase)
        for (row, column), phase in zip(waves, phases, strict=True)
    )
    return 170 + 12 * np.asarray(values)


def recoloured(images: np.ndarray, *, seed: int = 1) -> np.ndarray:
    """Other contrast, colours mixed, dark made bright in every second image, and noise."""
    rng = np.random.default_rng(seed)
    turned = [255 - image if number % 2 else image for number, image in enumerate(images.astype(float))]
    mixed = np.stack(turned) @ (np.eye(3) * rng.uniform(0.5, 0.9, 3) + 0.05) + 10
    return (mixed + rng.normal(0, 3, mixed.shape)).round().clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize(("side", "median", "p95"), [(64, 0.1, 0.3), (128, 0.1, 0.3)])
def test_heads_that_stayed_are_still_whatever_their_colours_became(side, median, p95):
    before = portraits(np.zeros((24, 2)), side=side)
    found = displacements_px(before, recoloured(before), HEADS * side / 64)
    assert np.median(found) < median and np.percentile(found, 95) < p95


@pytest.mark.parametrize("length", [0.5, 1.0, 2.5, 5.0])
def test_heads_that_moved_before_a_still_room_are_measured_below_the_pixel(length):
    angles = np.random.default_rng(4).uniform(0, 2 * np.pi, 24)
    moves = length * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    before, after = portraits(np.zeros((24, 2))), recoloured(portraits(moves))
    found = displacements_px(before, after, HEADS)
    assert abs(np.median(found) - length) < 0.15
    assert np.percentile(np.abs(found - length), 90) < 0.5


def test_what_moves_outside_the_heads_box_does_not_count():
    before = portraits(np.zeros((6, 2)))
    after = before.copy()
    after[:, 44:] = np.roll(before[:, 44:], 5, axis=2)
    np.testing.assert_allclose(displacements_px(before, after, HEADS[:6]), 0, atol=1e-6)


def test_crops_without_a_head_or_with_one_too_small_are_left_out():
    before = portraits(np.zeros((4, 2)))
    heads = HEADS[:4].copy()
    heads[0] = np.nan
    heads[1] = 0
    heads[2] = [30, 30, 34, 34]  # enlarged 6 px
    found = displacements_px(before, before, heads)
    np.testing.assert_array_equal(np.isnan(found), [True, True, True, False])
    assert summarise(found[:3]) is None


def test_the_summary_by_hand():
    found = summarise(np.array([0.0, np.nan, 0.5, 1.5, 2.0]))
    assert found is not None
    assert (found.mean_px, found.share_over_1px, found.num_boxes) == (1.0, 0.5, 4)
    assert found.p95_px == pytest.approx(1.5 + 0.85 * 0.5)  # the 95th percentile is at 2.85 of 0..3
