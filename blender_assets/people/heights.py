"""How tall people are by sex and age: the CDC growth charts of 2000 (Kuczmarski et al., Vital Health Stat 11(246)).

Rows are (age in years, 3rd, 50th and 97th percentile of stature in metres); the last is for grown-ups of 20.
"""

import numpy as np

BOYS = np.array(
    [
        [2.00, 0.7991, 0.8645, 0.9302],
        [3.04, 0.8838, 0.9527, 1.0294],
        [4.04, 0.9459, 1.0251, 1.1053],
        [5.04, 1.0033, 1.0918, 1.1783],
        [6.04, 1.0610, 1.1566, 1.2511],
        [7.04, 1.1195, 1.2203, 1.3233],
        [8.04, 1.1750, 1.2812, 1.3925],
        [9.04, 1.2240, 1.3373, 1.4566],
        [10.04, 1.2667, 1.3882, 1.5153],
        [11.04, 1.3081, 1.4373, 1.5727],
        [12.04, 1.3566, 1.4931, 1.6372],
        [20.00, 1.6333, 1.7685, 1.9019],
    ]
)
GIRLS = np.array(
    [
        [2.00, 0.7844, 0.8498, 0.9148],
        [3.04, 0.8690, 0.9421, 1.0179],
        [4.04, 0.9307, 1.0103, 1.0952],
        [5.04, 0.9935, 1.0796, 1.1736],
        [6.04, 1.0576, 1.1501, 1.2525],
        [7.04, 1.1187, 1.2176, 1.3273],
        [8.04, 1.1727, 1.2783, 1.3941],
        [9.04, 1.2185, 1.3313, 1.4536],
        [10.04, 1.2596, 1.3821, 1.5129],
        [11.04, 1.3072, 1.4426, 1.5813],
        [12.04, 1.3744, 1.5149, 1.6515],
        [20.00, 1.5111, 1.6334, 1.7547],
    ]
)
STDS_FROM_3RD_TO_97TH = 3.762


def height_distribution(age_years: float, *, is_female: bool) -> tuple[float, float]:
    """Mean and standard deviation of the stature in metres; between the rows linear, from 20 years constant."""
    ages, third, median, ninety_seventh = (GIRLS if is_female else BOYS).T
    mean = np.interp(age_years, ages, median)
    std = np.interp(age_years, ages, (ninety_seventh - third) / STDS_FROM_3RD_TO_97TH)
    return float(mean), float(std)
