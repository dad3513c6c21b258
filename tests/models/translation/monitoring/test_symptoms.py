import re

import pytest

from models.translation.monitoring.config import MonitoringConfig, WarningBounds
from models.translation.monitoring.symptoms import find_symptoms

HEALTHY = {
    "change_grey_levels": 6.0,
    "diversity_ratio": 0.9,
    "mean_attention": 0.4,
    "checkerboard": 1.1,
}


def test_a_healthy_refiner_gives_no_warning_and_missing_figures_neither():
    assert find_symptoms(HEALTHY, WarningBounds()) == ()
    assert find_symptoms({"frechet": 3.0}, WarningBounds()) == ()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("change_grey_levels", 0.31, r"returns its input: it changes 0\.31 grey levels .*below 0\.5"),
        ("diversity_ratio", 0.12, r"mode collapse.*0\.12 times as much.*below 0\.3"),
        ("mean_attention", 0.001, r"attention is nowhere: its mean is 0\.001 \(below 0\.02\)"),
        ("mean_attention", 0.995, r"attention is everywhere: its mean is 0\.995 \(above 0\.98\)"),
        ("checkerboard", 9.94, r"pattern of dots: 9\.9 times .*above 2.*generator\.upsampling to resize"),
    ],
)
def test_each_collapse_is_named_with_its_value_and_what_to_try(name, value, sentence):
    (found,) = find_symptoms(HEALTHY | {name: value}, WarningBounds())
    assert re.search(sentence, found), found


def test_a_value_at_its_bound_is_no_symptom():
    at_bounds = {
        "change_grey_levels": 0.5,
        "diversity_ratio": 0.3,
        "mean_attention": 0.02,
        "checkerboard": 2.0,
    }
    assert find_symptoms(at_bounds, WarningBounds()) == ()


def test_impossible_settings_are_refused():
    with pytest.raises(ValueError, match="least_attention must be below most_attention"):
        WarningBounds(least_attention=0.99)
    with pytest.raises(ValueError, match=r"monitoring\.subset must be >= 2, but was 1"):
        MonitoringConfig(subset=1)
