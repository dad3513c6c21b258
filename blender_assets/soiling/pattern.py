"""A pattern of soiling on the pane of a camera: all that does not depend on the scene behind it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blender_assets.soiling.config import SoilingConfig
from blender_assets.soiling.covering import LEAST_ALPHA
from blender_assets.soiling.defocus import defocus
from blender_assets.soiling.drops import draw_drops
from blender_assets.soiling.dust import draw_dust
from blender_assets.soiling.film import draw_film
from blender_assets.soiling.frost import draw_frost
from blender_assets.soiling.layers import KINDS, Kind, Layer, SceneView, stacked
from blender_assets.soiling.levels import REFRACTED_HIDES, levels_of
from blender_assets.soiling.mud import draw_mud
from blender_assets.soiling.pane import Pane
from blender_assets.soiling.scratches import draw_scratches

AMOUNT_TOLERANCE = 0.05
_GOOD_ENOUGH = 0.02
_TRIES = 5
_DRAWS = 3  # of other shapes, where the last large one was too many
_MOST_AIM = 0.995
_LEAST = 1 / 1024  # blurred alpha below it is taken for none
_DRAW: dict[Kind, Callable[[Pane, Any, float, np.random.Generator], Layer]] = {
    "mud": draw_mud,
    "dust": draw_dust,
    "film": draw_film,
    "scratches": draw_scratches,
    "drops": draw_drops,
    "frost": draw_frost,
}


@dataclass(frozen=True)
class SoilingPattern:
    """alpha [h, w] float32, what share of the straight view each pixel loses, exactly; types [h, w] uint8, TYPE_IDS.

    opacity [h, w] is alpha, but that light which drops send by another way hides only `REFRACTED_HIDES` of itself.
    In blocks of the pane: alpha_blocks [hb, wb]; light [hb, wb, 6], what soiling sends of the scene's lights (see
    `layers`), blurred and premultiplied; view, where drops look, not blurred.
    """

    pane: Pane
    alpha: NDArray[np.float32]
    opacity: NDArray[np.float32]
    types: NDArray[np.uint8]
    alpha_blocks: NDArray[np.float32]
    light: NDArray[np.float32]
    view: SceneView | None

    @property
    def levels(self) -> NDArray[np.uint8]:
        """[h, w] 0 clear to 3 opaque."""
        return levels_of(self.alpha, self.opacity)

    @property
    def amount(self) -> float:
        """Share of the pixels that the lens lights up in which alpha is above 0.02."""
        seen = self.pane.seen
        return float(np.count_nonzero((self.alpha > LEAST_ALPHA) & seen) / max(np.count_nonzero(seen), 1))


def draw_pattern(pane: Pane, config: SoilingConfig, seed: int) -> SoilingPattern:
    """The pattern of that seed; another size or lens shows other soiling of the same kinds.

    ValueError where so much cannot be covered by these kinds, and where they would be blurred beyond the image.
    """
    if pane.blur_px > max(pane.width_px, pane.height_px):
        raise ValueError(
            f"pane.aperture_mm is {pane.config.aperture_mm:g} and the soiling {pane.distance_mm:g} mm away, which blurs it "
            f"over {pane.blur_px:.0f} pixels, more than the image has; lower aperture_mm or raise distance_mm"
        )
    best: SoilingPattern | None = None
    for draw in range(_DRAWS):
        for pattern in _nearing(pane, config, (seed, draw)):
            if best is None or abs(pattern.amount - config.amount) < abs(best.amount - config.amount):
                best = pattern
        if best is not None and abs(best.amount - config.amount) <= AMOUNT_TOLERANCE:
            return best
    assert best is not None
    raise ValueError(
        f"amount is {config.amount:g}, but {' and '.join(config.kinds)} came to {best.amount:.2f} of the pixels; ask for "
        "that, or add a kind that covers more, such as mud"
    )


def _nearing(pane: Pane, config: SoilingConfig, stream: tuple[int, int]) -> Iterator[SoilingPattern]:
    """The same shapes, more or fewer of them, until there are about as many as are wanted."""
    aim = config.amount
    for _ in range(_TRIES):
        pattern = _draw(pane, config, aim, stream)
        yield pattern
        if abs(pattern.amount - config.amount) <= _GOOD_ENOUGH:
            break
        aim = _nearer_aim(aim, config.amount, pattern.amount)


def _nearer_aim(aim: float, wanted: float, reached: float) -> float:
    """As if shapes fell independently: what they leave clean is a power of what they were to leave."""
    if reached <= 0:
        return min(2 * aim, _MOST_AIM)
    power = np.log1p(-wanted) / np.log1p(-min(reached, _MOST_AIM))
    return float(min(1 - (1 - aim) ** power, _MOST_AIM))


def _draw(pane: Pane, config: SoilingConfig, aim: float, stream: tuple[int, int]) -> SoilingPattern:
    """Kinds fall independently of one another, so that what each leaves clean is multiplied."""
    total = sum(config.kinds.values())
    layers: dict[Kind, Layer] = {}
    for kind in KINDS:
        part = config.kinds.get(kind, 0.0) / total
        if part > 0 and aim > 0:
            rng = np.random.default_rng([*stream, KINDS.index(kind)])
            layers[kind] = _DRAW[kind](pane, getattr(config, kind), 1 - (1 - aim) ** part, rng)
    return assembled(pane, layers)


def assembled(pane: Pane, layers: dict[Kind, Layer]) -> SoilingPattern:
    """Layers over one another, out of focus as soiling on the pane is: what was drawn sharp, premultiplied, is blurred."""
    stack = stacked(layers, pane.shape_hw)
    blurred = defocus(np.dstack([stack.alpha, stack.light]), pane.blur_blocks)
    hides = np.where(blurred[..., :1] >= _LEAST, np.clip(blurred[..., :1], 0, 1), 0)
    alpha = pane.to_pixels(hides[..., 0]) * pane.seen
    return SoilingPattern(
        pane=pane,
        alpha=alpha,
        opacity=alpha - _shown_otherwise(pane, stack.view) * (alpha > 0) if stack.view else alpha,
        types=np.where(alpha > LEAST_ALPHA, _spread_types(stack.types, stack.alpha, pane), 0).astype(
            np.uint8
        ),
        alpha_blocks=hides[..., 0],
        light=np.where(hides > 0, blurred[..., 1:], 0),
        view=stack.view,
    )


def _shown_otherwise(pane: Pane, view: SceneView) -> NDArray[np.float32]:
    """[h, w] the part of what drops hide that does not count as hidden."""
    return (1 - REFRACTED_HIDES) * pane.to_pixels(defocus(view.weight, pane.blur_blocks))


def _spread_types(types: NDArray[np.uint8], alpha: NDArray[np.float32], pane: Pane) -> NDArray[np.uint8]:
    """[h, w] the kind that hides most of each pixel once all is blurred."""
    found = [kind for kind in range(1, len(KINDS) + 1) if (types == kind).any()]
    if not found:
        return np.zeros((pane.height_px, pane.width_px), np.uint8)
    if len(found) == 1:
        return np.full((pane.height_px, pane.width_px), found[0], np.uint8)
    own = defocus(np.dstack([np.where(types == kind, alpha, 0) for kind in found]), pane.blur_blocks)
    return np.array(found, np.uint8)[pane.to_pixels(own).argmax(axis=2)]
