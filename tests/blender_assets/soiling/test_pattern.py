import numpy as np
import pytest

from blender_assets.lens.pinhole import Perspective
from blender_assets.soiling.config import SoilingConfig
from blender_assets.soiling.layers import KINDS, LIGHTS, TYPE_IDS, Layer, SceneView, shone
from blender_assets.soiling.pane import Pane, PaneConfig
from blender_assets.soiling.pattern import assembled, draw_pattern
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
    assert ((drawn.types == 0) == (drawn.alpha <= np.float32(0.02))).all()


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


def test_soiling_that_would_be_blurred_beyond_the_image_is_refused():
    # f = 320 / 2 / tan 32 = 256 px; 256 * 2 / 1 = 512.
    with pytest.raises(ValueError, match=r"aperture_mm is 2 .* 1 mm away, which blurs it over 512 pixels"):
        pattern("mud", before=pane(config=PaneConfig(distance_mm=1, aperture_mm=2)))


@pytest.mark.parametrize(
    ("kinds", "amount", "words"),
    [
        ({}, 0.3, "kinds must have shares >= 0"),
        ({"mud": 0}, 0.3, "kinds must have shares >= 0"),
        ({"mud": -1, "drops": 2}, 0.3, "kinds must have shares >= 0"),
        ({"sand": 1}, 0.3, "Input should be 'mud', 'dust', 'film', 'scratches', 'drops' or 'frost'"),
        ({"mud": 1}, 1.0, "less than or equal to 0.95"),
    ],
)
def test_a_mix_that_means_nothing_is_refused(kinds, amount, words):
    with pytest.raises(ValueError, match=words):
        SoilingConfig(kinds=kinds, amount=amount)


def half_plane(before: Pane, edge: int) -> Layer:
    """Opaque white to the right of a column."""
    alpha = np.zeros(before.shape_hw, np.float32)
    alpha[:, edge:] = 1
    return Layer(alpha, shone(alpha, np.ones(3, np.float32), veil=0, glint=0))


def test_the_exact_mask_is_the_blurred_one():
    # f = 320 / 2 / tan 45 = 160 px; 160 * .5 / 20 = 4 px are drawn at full size. Of a disc that lies y of its radius
    # beyond an edge, acos(y) / pi - y sqrt(1 - y ** 2) / pi is behind it: .5 at the edge, .8045 half a radius inside.
    lens = Perspective(model="perspective", hfov_deg=90)
    before = pane(lens, PaneConfig(distance_mm=20, aperture_mm=0.5))
    assert (before.step, round(before.blur_blocks, 3)) == (1, 4.0)
    alpha = assembled(before, {"mud": half_plane(before, 100)}).alpha
    # The middle of the column 99 lies .5 px outside, a quarter of the radius: 1 - .6575; that of 100 as far inside.
    np.testing.assert_allclose(alpha[120, 97:104], [0, 0.0721, 0.3425, 0.6575, 0.9279, 1, 1], atol=0.012)
    assert alpha[120, 99] + alpha[120, 100] == pytest.approx(1, abs=1e-5)


def test_light_is_blurred_with_its_alpha_so_that_edges_keep_their_color():
    before = pane(config=PaneConfig(aperture_mm=1.0))
    assert before.step > 1
    drawn = assembled(before, {"mud": half_plane(before, 20)})
    some = drawn.alpha_blocks > 0
    share = drawn.light[..., 0][some] / drawn.alpha_blocks[some]
    np.testing.assert_allclose(share, 1, atol=1e-4)


def test_light_that_drops_refract_counts_half_as_hidden():
    before = pane(config=PaneConfig(aperture_mm=0))
    alpha = np.full(before.shape_hw, 0.8, np.float32)
    view = SceneView(np.zeros((*before.shape_hw, 2), np.float32), np.full(before.shape_hw, 0.6, np.float32))
    drops = Layer(alpha, np.zeros((*before.shape_hw, LIGHTS), np.float32), view)
    drawn = assembled(before, {"drops": drops})
    np.testing.assert_allclose(drawn.opacity, 0.8 - 0.3, atol=1e-6)
    assert (drawn.levels == 2).all()
    # Behind half-transparent mud half of that is left: .4 + .6 * .8 hidden, of which .6 * .3 is not.
    mud = np.full(before.shape_hw, 0.4, np.float32)
    drawn = assembled(
        before, {"drops": drops, "mud": Layer(mud, shone(mud, np.ones(3, np.float32), veil=0, glint=0))}
    )
    np.testing.assert_allclose(drawn.opacity, 0.88 - 0.18, atol=1e-6)


def test_drops_are_semi_transparent_and_mud_is_opaque():
    mud, drops = pattern("mud", amount=0.4), pattern("drops", amount=0.4)
    assert (mud.opacity == mud.alpha).all()
    middle = [np.bincount(drawn.levels[drawn.alpha > 0.99], minlength=4).argmax() for drawn in (mud, drops)]
    assert middle == [3, 2]


def test_what_lies_nearer_hides_what_lies_behind_it():
    before = pane(config=PaneConfig(aperture_mm=0))
    near, far = (np.full(before.shape_hw, value, np.float32) for value in (0.75, 0.5))
    red, blue = (np.array(color, np.float32) for color in ([1, 0, 0], [0, 0, 1]))
    drawn = assembled(
        before,
        {
            "drops": Layer(far, shone(far, blue, veil=0, glint=0)),
            "mud": Layer(near, shone(near, red, veil=0, glint=0)),
        },
    )
    # .75 + .25 * .5 is hidden; a fourth of the drops' half is seen through the mud.
    np.testing.assert_allclose(drawn.alpha, 0.875)
    np.testing.assert_allclose(drawn.light[0, 0, :3], [0.75, 0, 0.125])
    assert (drawn.types == TYPE_IDS["mud"]).all()


def test_the_kind_is_that_which_hides_most_as_the_camera_sees_it():
    before = pane(config=PaneConfig(aperture_mm=0))
    white = np.ones(3, np.float32)

    def kind(near: float, far: float) -> int:
        mud, drops = (np.full(before.shape_hw, value, np.float32) for value in (near, far))
        layers = {
            "mud": Layer(mud, shone(mud, white, veil=0, glint=0)),
            "drops": Layer(drops, shone(drops, white, veil=0, glint=0)),
        }
        return int(assembled(before, layers).types[0, 0])

    # Through .4 of mud drops of .5 hide .3, those of .8 .48.
    assert kind(0.4, 0.5) == TYPE_IDS["mud"]
    assert kind(0.4, 0.8) == TYPE_IDS["drops"]
