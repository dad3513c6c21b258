from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from models.configs import to_plain
from models.segmentation.applying import Segmenter, find_logits, load_segmenter, read_labels, segment
from models.segmentation.config import SegmentationConfig, SegmentationLosses
from models.segmentation.images import load_images, normalise
from models.segmentation.networks.registry import build_network

CONFIG = SegmentationConfig(width=0.25, num_classes=3, precision="fp32", device="cpu")
CPU = torch.device("cpu")


def make_state(config: SegmentationConfig = CONFIG) -> dict:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        weights = build_network(config).state_dict()
    best = {"step": 7, "mean_iou": 0.75, "network": weights}
    return {"kind": "segmenter", "step": 9, "config": to_plain(config), "image_hw": [32, 48], "best": best}


def load(**changes) -> Segmenter:
    return load_segmenter(make_state(), device="cpu", precision="fp32", **changes)


def draw_images(count: int, height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, height, width, 3), dtype=np.uint8)


class Echo(nn.Module):
    """Gives its input back as logits and keeps it, so that where they come from can be seen."""

    def forward(self, images_bchw: torch.Tensor) -> torch.Tensor:
        self.seen = images_bchw
        return images_bchw


@pytest.mark.parametrize("fit", ["pad", "resize"])
@pytest.mark.parametrize("size", [(17, 23), (32, 48), (50, 97)])
def test_labels_have_the_size_of_the_images(fit, size):
    labels = segment(load(fit=fit), draw_images(3, *size), batch_size=2)
    assert labels.shape == (3, *size) and labels.dtype == np.uint8
    assert labels.max() < 3


def test_an_images_labels_do_not_depend_on_its_batch():
    segmenter, images = load(), draw_images(5, 40, 40)
    together = segment(segmenter, images, batch_size=5)
    np.testing.assert_array_equal(together, segment(segmenter, images, batch_size=2))
    np.testing.assert_array_equal(together[3:4], segment(segmenter, images[3:4]))


def test_images_of_whole_strides_reach_the_network_as_they_are():
    segmenter, images = load(), draw_images(1, 64, 32)
    with torch.inference_mode():
        pixels = load_images(images, CPU)
        expected = segmenter.network(normalise(pixels.float() / 255))
        torch.testing.assert_close(find_logits(segmenter, pixels), expected)


def test_images_reach_the_network_as_the_configuration_normalises_them():
    pixels = load_images(draw_images(1, 32, 32), CPU)
    for normalisation, mean, deviation in (
        ("imagenet", [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ("symmetric", [0.5] * 3, [0.5] * 3),
    ):
        config = replace(CONFIG, normalisation=normalisation)
        logits = find_logits(Segmenter(config, Echo(), CPU, (32, 32)), pixels)
        mean_311, deviation_311 = (torch.tensor(each).view(3, 1, 1) for each in (mean, deviation))
        torch.testing.assert_close(logits, (pixels / 255 - mean_311) / deviation_311)


def test_others_are_continued_by_their_last_pixels_and_the_answers_cut():
    echo = Echo()
    pixels = load_images(draw_images(1, 33, 50), CPU)
    logits = find_logits(Segmenter(CONFIG, echo, CPU, (32, 48)), pixels)
    torch.testing.assert_close(logits, normalise(pixels.float() / 255))
    assert echo.seen.shape == (1, 3, 64, 64)
    assert torch.equal(echo.seen[..., :33, 50:], logits[..., -1:].expand(-1, -1, -1, 14))
    assert torch.equal(echo.seen[..., 33:, :50], logits[..., -1:, :].expand(-1, -1, 31, -1))


def test_resized_images_come_back_at_their_own_size_and_place():
    segmenter = Segmenter(CONFIG, Echo(), CPU, (32, 64), fit="resize")
    smooth = np.linspace(0, 255, 128)[None, None, :, None] * np.ones((1, 64, 1, 3))
    logits = find_logits(segmenter, load_images(smooth.astype(np.uint8), CPU))
    expected = normalise(torch.from_numpy(smooth).permute(0, 3, 1, 2) / 255).float()
    assert logits.shape == (1, 3, 64, 128)
    torch.testing.assert_close(logits[..., 4:-4], expected[..., 4:-4], atol=0.03, rtol=0)


def test_pixels_are_normalised_by_imagenets_mean_and_deviation():
    white = normalise(torch.ones(1, 3, 1, 1))[0, :, 0, 0]
    np.testing.assert_allclose(white, [0.515 / 0.229, 0.544 / 0.224, 0.594 / 0.225], rtol=1e-6)


def test_the_likeliest_class_is_read_and_of_levels_how_many_are_likelier_than_not():
    logits = torch.tensor([[2.0, -1.0, 3.0], [0.5, 0.2, -1.0]]).T[None, :, None]  # two pixels, three outputs
    assert read_labels(logits, CONFIG).tolist() == [[[2, 0]]]
    levels = replace(CONFIG, num_classes=4, losses=SegmentationLosses(pixel="binary"))
    assert read_labels(logits, levels).tolist() == [[[2, 2]]]
    assert read_labels(logits - 2.5, levels).tolist() == [[[1, 0]]]


def test_loading_leaves_the_callers_random_state_alone():
    before = torch.get_rng_state()
    load()
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (
            draw_images(1, 32, 32)[0],
            r"uint8 images \[n, height, width, 3\], but these are uint8 \[32, 32, 3\]",
        ),
        (draw_images(1, 32, 32).astype(np.float32), r"but these are float32 \[1, 32, 32, 3\]"),
        (draw_images(1, 32, 32)[..., :1], r"but these are uint8 \[1, 32, 32, 1\]"),
    ],
)
def test_what_is_no_stack_of_images_is_refused(images, message):
    with pytest.raises(ValueError, match=message):
        segment(load(), images)


def test_states_without_a_network_are_refused():
    with pytest.raises(ValueError, match="saved at step 9, before its first evaluation"):
        load_segmenter(make_state() | {"best": None})
    with pytest.raises(ValueError, match="kind 'detector', but 'segmenter' is needed"):
        load_segmenter(make_state() | {"kind": "detector"})
