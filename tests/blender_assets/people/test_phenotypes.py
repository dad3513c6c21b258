import numpy as np
import pytest

from blender_assets.people.body import BodyBasis, morph_body
from blender_assets.people.heights import height_distribution
from blender_assets.people.phenotypes import PeopleSettings, age_phenotype, draw_body, draw_height


def body_height(basis: BodyBasis, phenotypes: dict[str, float], scale: float) -> float:
    z = morph_body(basis, phenotypes).vertices[np.unique(basis.faces["body"]), 2]
    return float(np.ptp(z) * scale)


@pytest.mark.parametrize(
    ("is_female", "mean_m", "third_m", "ninety_seventh_m"),
    [(False, 1.7685, 1.6333, 1.9019), (True, 1.6334, 1.5111, 1.7547)],
)
def test_adult_heights_have_the_mean_and_spread_of_the_growth_charts(
    is_female: bool, mean_m: float, third_m: float, ninety_seventh_m: float
) -> None:
    rng = np.random.default_rng(0)
    heights = np.array([draw_height(rng, 40.0, is_female) for _ in range(20_000)])
    assert heights.mean() == pytest.approx(mean_m, abs=0.002)
    assert np.percentile(heights, 3) == pytest.approx(third_m, abs=0.004)
    assert np.percentile(heights, 97) == pytest.approx(ninety_seventh_m, abs=0.004)


def test_heights_of_children_follow_the_charts_between_their_rows() -> None:
    mean, std = height_distribution(6.54, is_female=False)
    assert mean == pytest.approx((1.1566 + 1.2203) / 2, abs=1e-4)
    assert 0.04 < std < 0.06
    assert height_distribution(35.0, is_female=True) == height_distribution(20.0, is_female=True)


def test_bodies_are_as_tall_as_drawn_at_every_age(basis: BodyBasis) -> None:
    for seed, child_fraction in [(1, 0.0), (2, 0.0), (3, 1.0), (4, 1.0), (5, 1.0)]:
        settings = PeopleSettings(child_fraction=child_fraction)
        body = draw_body(basis, np.random.default_rng(seed), settings=settings)
        assert body_height(basis, body.phenotypes, body.scale) == pytest.approx(body.height_m, abs=0.004)


def test_children_have_larger_heads_for_their_height_than_adults(basis: BodyBasis) -> None:
    """A child of five is about 5.5 to 6.5 heads tall, an adult 7 to 8 (head with neck up to the jaw)."""

    def heads_tall(age_years: float) -> float:
        phenotypes = draw_body(basis, np.random.default_rng(1), settings=PeopleSettings()).phenotypes
        vertices = morph_body(basis, {**phenotypes, "age": age_phenotype(age_years)}).vertices
        head = vertices[
            np.intersect1d(np.unique(basis.faces["body"]), np.flatnonzero(basis.head_weight > 0.9))
        ]
        return float(np.ptp(vertices[np.unique(basis.faces["body"]), 2]) / np.ptp(head[:, 2]))

    assert heads_tall(5.0) < heads_tall(10.0) < heads_tall(30.0)
    assert heads_tall(30.0) / heads_tall(5.0) > 1.2


def test_nobody_is_a_child_unless_asked_for_and_the_asked_share_is_met(basis: BodyBasis) -> None:
    def share(fraction: float) -> float:
        settings = PeopleSettings(child_fraction=fraction)
        return float(
            np.mean(
                [draw_body(basis, np.random.default_rng(k), settings=settings).is_child for k in range(60)]
            )
        )

    assert share(0.0) == 0.0
    assert 0.3 < share(0.5) < 0.7
    assert share(1.0) == 1.0


def test_ages_lie_in_their_range_and_fix_the_body_age(basis: BodyBasis) -> None:
    settings = PeopleSettings(child_fraction=1.0, child_age_years=(6.0, 7.0))
    body = draw_body(basis, np.random.default_rng(0), settings=settings)
    assert 6.0 <= body.age_years <= 7.0
    assert body.phenotypes["age"] == pytest.approx((body.age_years - 1) / 27)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"child_age_years": (1.0, 9.0)}, r"child_age_years must lie within \(2.0, 14.0\)"),
        ({"adult_age_years": (40.0, 30.0)}, r"adult_age_years must be \(low, high\)"),
        ({"melanin_range": (0.2, 1.2)}, "less than or equal to 1"),
    ],
)
def test_impossible_ranges_are_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PeopleSettings.model_validate(change)
