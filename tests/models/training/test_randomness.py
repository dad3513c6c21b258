import numpy as np
import torch

from models.training.randomness import sample_indices, seeded_torch, stream_rng


def test_every_item_is_drawn_once_an_epoch():
    drawn = sample_indices(0, "train", start=0, count=14, population=7)
    assert sorted(drawn[:7]) == sorted(drawn[7:]) == list(range(7))
    assert drawn[:7].tolist() != drawn[7:].tolist()


def test_a_walk_does_not_depend_on_where_it_is_entered():
    whole = sample_indices(3, "train", start=0, count=20, population=7)
    parts = [sample_indices(3, "train", start=start, count=4, population=7) for start in range(0, 20, 4)]
    assert np.array_equal(whole, np.concatenate(parts))


def test_streams_seeds_and_steps_draw_differently():
    draws = {stream_rng(*key).random() for key in ((0, "a", 0), (0, "a", 1), (0, "b", 0), (1, "a", 0))}
    assert len(draws) == 4
    assert stream_rng(0, "a", 0).random() in draws


def test_seeding_torch_is_repeatable_and_leaves_the_global_state():
    before = torch.get_rng_state()
    draws = []
    for _ in range(2):
        with seeded_torch(stream_rng(0, "a", 0), torch.device("cpu")):
            draws.append(torch.rand(3))
    assert torch.equal(*draws)
    assert torch.equal(before, torch.get_rng_state())
