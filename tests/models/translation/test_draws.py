import math

import numpy as np
import pytest
import torch

from models.training.randomness import stream_rng
from models.translation.draws import LARGE, draw_numbers
from models.translation.families.family import Draw

CPU = torch.device("cpu")
SMALL, BIG = (2, 5), (4, LARGE // 4)


def draw(*draws: Draw, seed: int = 1, step: int = 0) -> dict[str, torch.Tensor]:
    return draw_numbers(draws, seed=seed, step=step, device=CPU)


def test_small_draws_are_the_hosts_by_seed_name_and_step():
    found = draw(Draw("mix", SMALL), Draw("noise", SMALL, "normal"), seed=3, step=4)
    np.testing.assert_array_equal(found["mix"], stream_rng(3, "mix", 4).random(SMALL, dtype="float32"))
    np.testing.assert_array_equal(
        found["noise"], stream_rng(3, "noise", 4).standard_normal(SMALL, dtype="float32")
    )


@pytest.mark.parametrize("shape", [SMALL, BIG])
@pytest.mark.parametrize("kind", ["uniform", "normal"])
def test_a_draw_is_a_function_of_seed_name_and_step_and_of_nothing_else(shape, kind):
    torch.manual_seed(0)
    first = draw(Draw("z", shape, kind))["z"]
    torch.manual_seed(1)
    others = (draw(Draw("z", shape, kind), step=1)["z"], draw(Draw("z", shape, kind), seed=2)["z"])
    assert torch.equal(first, draw(Draw("y", shape, kind), Draw("z", shape, kind))["z"])
    assert not any(torch.equal(first, other) for other in (*others, draw(Draw("y", shape, kind))["y"]))
    assert first.dtype == torch.float32 and first.shape == shape


def test_large_draws_have_the_moments_of_their_kind():
    found = draw(Draw("u", BIG), Draw("n", BIG, "normal"))
    uniform, normal = found["u"].double(), found["n"].double()
    # standard errors of means of 262,144 numbers: 0.0006 and 0.002; five of them
    assert uniform.mean().item() == pytest.approx(0.5, abs=0.003)
    assert uniform.var().item() == pytest.approx(1 / 12, abs=0.001)
    assert uniform.min().item() >= 0 and uniform.max().item() < 1
    assert normal.mean().item() == pytest.approx(0, abs=0.01)
    assert normal.var().item() == pytest.approx(1, abs=0.014)
    assert (normal.abs() < 1).double().mean().item() == pytest.approx(math.erf(1 / math.sqrt(2)), abs=0.005)


def test_a_large_draw_leaves_the_callers_random_state_alone():
    before = torch.get_rng_state()
    draw(Draw("n", BIG, "normal"))
    assert torch.equal(before, torch.get_rng_state())
