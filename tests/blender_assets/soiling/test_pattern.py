import numpy as np
import pytest

from blender_assets.soiling.config import SoilingConfig
from blender_assets.soiling.layers import KINDS, TYPE_IDS
from blender_assets.soiling.pane import PaneConfig
from blender_assets.soiling.pattern import draw_pattern
from tests.blender_assets.soiling.patterns import CIRCLE, FISHEYE, HEIGHT, WIDTH, pane, pattern


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("amount", [0.05, 0.5])
def test_as_much_is_soiled_as_was_asked_for(kind, amount):
    drawn = pattern(kind, amount=amount, seed=5)
    # Counted anew, with the threshold of the class `transparent`.
    assert np.mean(drawn.alpha > 0.02) == pytest.approx(amount, abs=0.05)


def test_nothing_is_drawn_where_nothing_is_asked_for():
    drawn = pattern("mud", "drops", amount=0.0)
    assert not drawn.alpha.any()
    assert not drawn.types.any()


def test_alpha_is_a_share_and_types_name_the_kinds_that_were_asked_for():
    drawn = pattern("mud", "drops", amount=0.4)
    assert drawn.alpha.dtype == np.float32
    assert drawn.alpha.shape == drawn.types.shape == (HEIGHT, WIDTH)
    assert drawn.alpha.min() == 0
    assert 0.9 < drawn.alpha.max() <= 1
    assert set(np.unique(drawn.types)) == {0, TYPE_IDS["mud"], TYPE_IDS["drops"]}
    assert ((drawn.types == 0) == (drawn.alpha == 0)).all()


def test_shares_of_kinds_are_kept():
    config = SoilingConfig(kinds={"mud": 3, "drops": 1}, amount=0.4)
    drawn = draw_pattern(pane(), config, 2)
    soiled = drawn.alpha > 0.02
    mud = np.mean(drawn.types[soiled] == TYPE_IDS["mud"])
    # Each kind leaves (1 - .4) ** share clean: mud covers .318 and drops .120 of all, but where both are one is counted.
    assert 0.6 < mud < 0.85


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_decides_all(kind):
    one, again, other = (pattern(kind, seed=seed) for seed in (7, 7, 8))
    assert (one.alpha == again.alpha).all()
    assert (one.light == again.light).all()
    assert (one.alpha != other.alpha).any()


def test_another_kind_beside_it_does_not_move_the_first():
    config = SoilingConfig(kinds={"mud": 1}, amount=0.2)
    alone = draw_pattern(pane(), config, 4).alpha > 0.5
    both = draw_pattern(pane(), SoilingConfig(kinds={"mud": 1, "dust": 1}, amount=0.36), 4)
    assert (alone & (both.alpha > 0.4)).sum() > 0.9 * alone.sum()


@pytest.mark.parametrize("kind", KINDS)
def test_a_fisheye_is_soiled_within_its_circle_alone(kind):
    drawn = pattern(kind, before=pane(FISHEYE))
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    inside = np.hypot(x - CIRCLE.cx, y - CIRCLE.cy) <= CIRCLE.radius
    assert not drawn.alpha[~inside].any()
    assert not drawn.types[~inside].any()
    # The amount is a share of the circle, not of the frame.
    assert np.mean(drawn.alpha[inside] > 0.02) == pytest.approx(0.3, abs=0.05)


def test_what_cannot_be_covered_is_said_in_a_line():
    sharp = pane(config=PaneConfig(aperture_mm=0))
    with pytest.raises(
        ValueError, match=r"amount is 0\.95, but dust came to 0\.\d\d of the pixels; ask for that, or"
    ):
        pattern("dust", amount=0.95, before=sharp)


@pytest.mark.parametrize(
    ("kinds", "amount", "words"),
    [
        ({}, 0.3, "kinds must have shares >= 0"),
        ({"mud": 0}, 0.3, "kinds must have shares >= 0"),
        ({"mud": -1, "drops": 2}, 0.3, "kinds must have shares >= 0"),
        ({"sand": 1}, 0.3, "Input should be 'mud', 'dust', 'film', 'scratches' or 'drops'"),
        ({"mud": 1}, 1.0, "less than or equal to 0.95"),
    ],
)
def test_a_mix_that_means_nothing_is_refused(kinds, amount, words):
    with pytest.raises(ValueError, match=words):
        SoilingConfig(kinds=kinds, amount=amount)
