import pytest

from tasks.crops.moved_heads import MeasuringBounds, find_moved_heads, name_heads


def test_figures_of_what_is_kept_are_said_of_heads_and_others_stay():
    figures = {
        "displacement_mean_px": 0.3,
        "displacement_share_over_1px": 0.1,
        "num_displacements": 4,
        "kid": 0.2,
    }
    assert name_heads(figures) == {
        "head_displacement_mean_px": 0.3,
        "head_displacement_share_over_1px": 0.1,
        "num_heads": 4,
        "kid": 0.2,
    }


def test_too_many_moved_heads_are_named_with_their_share_and_what_to_try():
    (found,) = find_moved_heads({"head_displacement_share_over_1px": 0.69}, MeasuringBounds())
    assert "69 % by more than 1 px (above 20 %). Set generator.has_skip" in found


@pytest.mark.parametrize("figures", [{}, {"head_displacement_share_over_1px": 0.2}])
def test_a_share_at_the_bound_and_an_unknown_one_are_no_symptom(figures):
    assert find_moved_heads(figures, MeasuringBounds()) == ()


def test_bounds_below_0_are_refused():
    with pytest.raises(ValueError, match=r"bounds\.most_heads_moved must be >= 0, but was -1"):
        MeasuringBounds(most_heads_moved=-1)
