from dataclasses import replace

import numpy as np
import pytest
import torch

from models.translation.adversarial_config import AdversarialConfig
from models.translation.batches import draw_batch
from models.translation.domains import Domain, Domains, Regions, array_domain
from models.translation.families.cyclegan_config import CycleganConfig
from models.translation.families.family import Needs
from models.translation.image_sets import StreamedImages
from models.translation.loading import load_domains
from models.translation.sources import ArraySource

CONFIG = CycleganConfig(batch_size=3)
NEEDS = Needs(regions=("left_a",))
CPU = torch.device("cpu")
HEIGHT, WIDTH = 32, 36


def domain(count: int, *, channels: int = 3, seed: int = 0) -> Domain:
    """Images whose first channel, labels, pairs and region `left` all say, of each pixel, its number in its row."""
    columns = np.broadcast_to(np.arange(WIDTH, dtype=np.uint8), (count, HEIGHT, WIDTH))
    noise = np.random.default_rng(seed).integers(0, 256, (count, HEIGHT, WIDTH, channels), dtype=np.uint8)
    noise[..., 0] = columns
    pairs = np.repeat(columns[..., None], 20, axis=-1).astype(np.float16) / 64
    return Domain(
        name="day",
        channels=channels,
        height=HEIGHT,
        width=WIDTH,
        images=ArraySource(noise),
        regions=Regions(ArraySource(np.where(columns < 10, 4, 2).astype(np.uint8)), {"left": 4, "right": 2}),
        labels=ArraySource(np.ascontiguousarray(columns)),
        pairs=ArraySource(pairs),
    )


def load(a: Domain, b: Domain, *, config: CycleganConfig = CONFIG, **more):
    return load_domains(Domains(a, b), config, NEEDS, CPU, **more)


def test_labels_pairs_and_regions_are_of_the_images_and_flipped_with_them():
    loaded, seen = load(domain(7), domain(5, channels=4)), set()
    for step in range(6):
        batch = draw_batch(loaded, CONFIG, seed=0, step=step)
        columns = (batch["real_a"][:, 0] + 1) * 127.5
        torch.testing.assert_close(columns, batch["labels_a"].float(), rtol=0, atol=1e-4)
        assert batch["labels_a"].dtype == torch.int64
        assert batch["pair_a"].shape == (3, 20, HEIGHT, WIDTH) and batch["pair_a"].dtype == torch.float32
        assert torch.equal(batch["pair_a"][:, 7] * 64, batch["labels_a"].float())
        assert torch.equal(batch["left_a"][:, 0], (batch["labels_a"] < 10).float())
        assert batch["real_b"].shape == (3, 4, HEIGHT, WIDTH)
        seen |= set(batch["labels_a"][:, 0, 0].tolist())
    assert seen == {0, WIDTH - 1}, "some are flipped and some are not"


def test_only_regions_that_are_needed_come_into_the_batch():
    batch = draw_batch(load(domain(4), domain(4)), CONFIG, seed=0, step=0)
    assert "left_a" in batch and {"right_a", "left_b", "right_b"}.isdisjoint(batch)


def test_a_streamed_training_draws_what_one_with_all_images_on_the_device_draws():
    a, b = domain(9, seed=1), domain(5, channels=4, seed=2)
    whole, streamed = load(a, b), load(a, b, resident_bytes=1000)
    assert isinstance(whole["a"].images, torch.Tensor)
    assert isinstance(streamed["a"].images, StreamedImages) and isinstance(
        streamed["b"].pairs, StreamedImages
    )
    for step in (0, 4):
        first = draw_batch(whole, CONFIG, seed=3, step=step)
        second = draw_batch(streamed, CONFIG, seed=3, step=step)
        assert first.keys() == second.keys()
        assert all(torch.equal(first[name], second[name]) for name in first)


def test_images_of_floats_are_in_the_networks_scale_already():
    values = np.random.default_rng(0).normal(size=(3, HEIGHT, WIDTH, 2)).astype(np.float16)
    loaded = load(domain(3), array_domain("night", values))
    batch = draw_batch(loaded, replace(CONFIG, flip_probability=0.0), seed=0, step=0)
    order = [
        int((values[:, 0, 0, 0] == number).nonzero()[0][0]) for number in batch["real_b"][:, 0, 0, 0].numpy()
    ]
    np.testing.assert_array_equal(
        batch["real_b"].permute(0, 2, 3, 1).numpy(), values[order].astype(np.float32)
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"regions": None},
            "of which the day images lack left; crop rendered images, or set the weights to 0",
        ),
        (
            {"labels": ArraySource(np.zeros((3, HEIGHT, WIDTH), np.uint8))},
            "There are 3 labels of 4 day images",
        ),
        (
            {"labels": ArraySource(np.zeros((4, HEIGHT, 8), np.uint8))},
            r"labels of the day domain must be uint8 \[32, 36\] each, but were uint8 \[32, 8\]",
        ),
        ({"channels": 4}, r"must be uint8 or float16 \[32, 36, 4\] each, but were uint8 \[32, 36, 3\]"),
        (
            {"pairs": ArraySource(np.zeros((4, HEIGHT, WIDTH, 3), np.int32))},
            r"pairs of the day domain must be uint8 or float16 \[32, 36\] each, but were int32",
        ),
    ],
)
def test_domains_that_do_not_fit_are_refused_with_what_is_wrong(change, message):
    with pytest.raises(ValueError, match=message):
        load(replace(domain(4), **change), domain(4))


def test_colours_of_domains_that_are_no_photos_are_not_changed():
    config = replace(CONFIG, adversarial=AdversarialConfig(augment=("color",)))
    with pytest.raises(ValueError, match="the domains have 3 and 20 channels; leave color out"):
        load(domain(4), domain(4, channels=20), config=config)


def test_an_array_that_is_no_row_of_images_is_no_domain():
    with pytest.raises(
        ValueError, match=r"The day images must be \[n, height, width, channels\], but were \[3, 4\]"
    ):
        array_domain("day", np.zeros((3, 4), np.uint8))
