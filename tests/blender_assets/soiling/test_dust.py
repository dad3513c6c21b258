import numpy as np
import pytest

from blender_assets.soiling.dust import ALBEDO, DustConfig, _radii, draw_dust
from blender_assets.soiling.pane import PaneConfig
from tests.blender_assets.soiling.patterns import pane


def test_grains_follow_the_power_law_of_their_size():
    radii = _radii(DustConfig(radius_mm=(0.05, 0.5)), np.random.default_rng(0))
    assert radii.min() >= 0.05
    assert radii.max() <= 0.5
    # Of dN / dr ~ r^-3.5 the share above r is (r^-2.5 - .5^-2.5) / (.05^-2.5 - .5^-2.5): .1747 of all above .1.
    assert np.mean(radii > 0.1) == pytest.approx(0.1742, abs=0.012)


def test_grains_lie_apart_and_send_back_more_light_the_more_they_scatter():
    before = pane(config=PaneConfig(aperture_mm=0))
    dark, lit = (
        draw_dust(before, DustConfig(back_scatter=share), 0.1, np.random.default_rng(1)) for share in (0, 0.5)
    )
    assert (dark.alpha == lit.alpha).all()
    grain = dark.alpha > 0.4
    np.testing.assert_allclose(
        dark.light[grain][:, :3] / dark.alpha[grain][:, None], ALBEDO[None].repeat(grain.sum(), 0), rtol=1e-5
    )
    assert not dark.light[..., 4].any()
    np.testing.assert_allclose(lit.light[..., 4], 0.5 * lit.alpha)


@pytest.mark.parametrize("ends", [(0.5, 0.05), (0.0, 0.5), (1.0, 20.0)])
def test_sizes_that_no_grain_has_are_refused(ends):
    with pytest.raises(ValueError, match=r"must be \(least, most\) with 0 < least"):
        DustConfig(radius_mm=ends)
