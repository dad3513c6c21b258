import pytest

from models.training.schedules import learning_rate_at
from models.training.supervised_config import SupervisedConfig


def rates(steps: tuple[int, ...], **changes) -> list[float]:
    config = SupervisedConfig(steps=100, learning_rate=2.0, **({"warmup_steps": 0} | changes))
    return [learning_rate_at(step, config) for step in steps]


def test_a_cosine_falls_to_the_final_share():
    # a third of the way the cosine is 1/2 of its way from 1 to -1 less 1/4: (1 + 0.5) / 2
    assert rates((0, 50, 100), final_share=0.01) == pytest.approx([2.0, 1.01, 0.02])
    config = SupervisedConfig(steps=90, learning_rate=1.0, warmup_steps=0, final_share=0.0)
    assert learning_rate_at(30, config) == pytest.approx(0.75)


def test_a_polynomial_falls_as_deeplabs_does():
    # 0.5 ** 0.9 = 0.535887
    assert rates((0, 50, 100), schedule="polynomial", final_share=0.0) == pytest.approx([2.0, 1.071773, 0.0])
    halfway = rates((50,), schedule="polynomial", final_share=0.2, polynomial_power=2.0)
    assert halfway == pytest.approx([2 * (0.2 + 0.8 / 4)])


def test_a_late_line_stays_for_half_of_the_steps_and_then_falls_evenly_as_cyclegans():
    assert rates((0, 49, 50, 75, 90, 100), schedule="late_linear", final_share=0.0) == pytest.approx(
        [2.0, 2.0, 2.0, 1.0, 0.4, 0.0]
    )
    # three quarters of the way half of what is above a fifth is left
    assert rates((75,), schedule="late_linear", final_share=0.2) == pytest.approx([2 * (0.2 + 0.8 / 2)])


def test_a_constant_rate_stays():
    assert rates((0, 99), schedule="constant") == [2.0, 2.0]


def test_the_warm_up_rises_evenly_to_the_schedule():
    assert rates((0, 1, 3, 4), schedule="constant", warmup_steps=4) == pytest.approx([0.5, 1.0, 2.0, 2.0])
