import numpy as np
import pytest
import torch
from torch import Tensor

from models.translation.augmentation import NUMBERS, augment

BOTH = ("color", "translation")
NEUTRAL = {"brightness": 0.5, "saturation": 0.5, "contrast": 0.5, "down": 0.5, "right": 0.5}


def numbers(**changed: float) -> Tensor:
    """One image's [1, 5], of which all but the named change nothing."""
    return torch.tensor([list((NEUTRAL | changed).values())])


def test_numbers_in_the_middle_change_nothing():
    images = torch.rand(1, 3, 8, 8) * 2 - 1
    torch.testing.assert_close(augment(images, numbers(), BOTH), images)


def test_no_kind_changes_nothing():
    images = torch.rand(2, 3, 8, 8)
    assert torch.equal(augment(images, torch.rand(2, NUMBERS), ()), images)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        # of one pixel (0.1, 0.2, 0.6), whose grey is 0.3, and one that is all -0.1; their mean is 0.1
        ({"brightness": 0.75}, ([0.35, 0.45, 0.85], [0.15, 0.15, 0.15])),  # + 0.25
        ({"saturation": 1.0}, ([-0.1, 0.1, 0.9], [-0.1, -0.1, -0.1])),  # twice as far from grey
        ({"saturation": 0.0}, ([0.3, 0.3, 0.3], [-0.1, -0.1, -0.1])),
        ({"contrast": 1.0}, ([0.1, 0.25, 0.85], [-0.2, -0.2, -0.2])),  # 1.5 times as far from the mean
    ],
)
def test_colours_change_as_worked_out_by_hand(changed, expected):
    image = torch.tensor([[0.1, 0.2, 0.6], [-0.1, -0.1, -0.1]]).T.view(1, 3, 1, 2)
    found = augment(image, numbers(**changed), ("color",))
    torch.testing.assert_close(found, torch.tensor(expected).T.view(1, 3, 1, 2))


@pytest.mark.parametrize(("number", "shift"), [(0.0, -2), (0.19, -2), (0.21, -1), (0.61, 1), (0.999, 2)])
def test_images_are_shifted_by_whole_pixels_and_black_comes_in(number, shift):
    # an eighth of 16 px is 2: five shifts, each for a fifth of the numbers
    image = torch.rand(1, 2, 16, 16)
    for name, axis in (("down", 2), ("right", 3)):
        expected = np.zeros((1, 2, 16, 16), np.float32)
        source = np.take(image.numpy(), range(max(0, -shift), 16 - max(0, shift)), axis)
        place = [slice(None)] * 4
        place[axis] = slice(max(0, shift), 16 - max(0, -shift))
        expected[tuple(place)] = source
        found = augment(image, numbers(**{name: number}), ("translation",))
        np.testing.assert_array_equal(found.numpy(), expected)


def test_every_image_changes_by_its_own_numbers_alone():
    images, draws = torch.rand(3, 3, 16, 16), torch.rand(3, NUMBERS)
    together = augment(images, draws, BOTH)
    alone = [augment(images[[i]], draws[[i]], BOTH) for i in range(3)]
    torch.testing.assert_close(together, torch.cat(alone))
    same = augment(images[[0, 0]], draws[[1, 1]], BOTH)
    assert torch.equal(same[0], same[1])


def test_images_that_travel_together_change_alike_and_attention_is_only_shifted():
    image, draws = torch.rand(1, 3, 16, 16), torch.rand(1, NUMBERS)
    attention = torch.rand(1, 1, 16, 16)
    found = augment(torch.cat((image, image, attention), 1), draws, BOTH)
    expected = augment(image, draws, BOTH)
    torch.testing.assert_close(found[:, :3], expected)
    torch.testing.assert_close(found[:, 3:6], expected)
    assert torch.equal(found[:, 6:], augment(attention, draws, ("translation",)))


def test_gradients_reach_the_images():
    torch.manual_seed(0)
    images = torch.rand(2, 4, 8, 8, dtype=torch.float64, requires_grad=True)
    draws = torch.rand(2, NUMBERS, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda given: augment(given, draws, BOTH), (images,))
