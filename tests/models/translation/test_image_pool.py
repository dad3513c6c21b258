import numpy as np
import torch

from models.translation.image_pool import ImagePool


def image(value: float) -> torch.Tensor:
    return torch.full((1, 3, 2, 2), value)


def test_a_pool_that_is_not_full_returns_what_it_is_given():
    pool, rng = ImagePool(3), np.random.default_rng(0)
    given = [pool.exchange(image(value), rng).mean().item() for value in (1.0, 2.0, 3.0)]
    assert given == [1, 2, 3]
    assert len(pool.images) == 3


def test_a_full_pool_exchanges_half_of_the_images_for_older_ones():
    pool, rng = ImagePool(10), np.random.default_rng(0)
    returned = np.array([pool.exchange(image(float(value)), rng).mean().item() for value in range(1010)])
    is_old = returned[10:] != np.arange(10, 1010)
    assert 0.45 < is_old.mean() < 0.55
    assert np.all(returned <= np.arange(1010))
    assert len(np.unique(returned[10:][is_old])) == is_old.sum(), (
        "an image that was handed out has left the pool"
    )


def test_a_pool_of_0_keeps_nothing_and_passes_no_gradient_on():
    fake = torch.ones(1, 3, 2, 2, requires_grad=True)
    pool = ImagePool(0)
    assert not pool.exchange(fake, np.random.default_rng(0)).requires_grad
    assert pool.images == []
