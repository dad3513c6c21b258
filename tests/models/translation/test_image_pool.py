import numpy as np
import torch

from models.translation.image_pool import ImagePool, plan_exchange


def exchange(pool: ImagePool, values: list[float]) -> np.ndarray:
    """What the pool gives back for one image a step, each of one value."""
    given = []
    for step, value in enumerate(values):
        rng = np.random.default_rng(step)
        plan = plan_exchange(step, batch_size=1, capacity=pool.capacity, rng=rng)
        given.append(pool.exchange(torch.full((1, 3, 2, 2), value), torch.from_numpy(plan)).mean().item())
    return np.array(given)


def test_a_pool_that_is_not_full_returns_what_it_is_given():
    pool = ImagePool(3)
    assert exchange(pool, [1.0, 2.0, 3.0]).tolist() == [1, 2, 3]
    assert pool.images is not None
    assert pool.images[:3, 0, 0, 0].tolist() == [1, 2, 3]


def test_a_full_pool_exchanges_half_of_the_images_for_older_ones():
    returned = exchange(ImagePool(10), [float(value) for value in range(1010)])
    is_old = returned[10:] != np.arange(10, 1010)
    assert 0.45 < is_old.mean() < 0.55
    assert np.all(returned <= np.arange(1010))
    assert len(np.unique(returned[10:][is_old])) == is_old.sum(), (
        "an image that was handed out has left the pool"
    )


def test_images_of_one_batch_are_exchanged_one_after_the_other():
    pool = ImagePool(2, torch.stack([torch.full((1, 1, 1), value) for value in (7.0, 8.0, 0.0)]))
    fakes = torch.tensor([1.0, 2.0, 3.0]).view(3, 1, 1, 1)
    plan = torch.tensor([[0, 1], [0, 1], [2, 0]])  # twice the first place, once not kept
    assert pool.exchange(fakes, plan).flatten().tolist() == [7, 1, 3]
    assert pool.images is not None
    assert pool.images.flatten().tolist() == [2, 8, 3]


def test_a_pool_of_0_keeps_nothing_and_passes_no_gradient_on():
    fake = torch.ones(1, 3, 2, 2, requires_grad=True)
    plan = plan_exchange(0, batch_size=1, capacity=0, rng=np.random.default_rng(0))
    returned = ImagePool(0).exchange(fake, torch.from_numpy(plan))
    assert not returned.requires_grad
    assert torch.equal(returned, fake)
