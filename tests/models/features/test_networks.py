import hashlib
import math

import pytest
import torch
from torch import nn
from torch.nn import functional
from torchvision.models import (
    Inception_V3_Weights,
    SqueezeNet1_1_Weights,
    VGG16_Weights,
    inception_v3,
    squeezenet1_1,
    vgg16,
)
from torchvision.models.vgg import cfgs, make_layers

from models.configs import WeightsFile
from models.features.config import FeaturesConfig
from models.features.networks import FeatureNetwork
from models.training import pretrained_weights as pretrained

SQUEEZENET = FeaturesConfig(network="squeezenet1_1")


def images(count: int = 2, side: int = 64) -> torch.Tensor:
    return torch.rand((count, 3, side, side), generator=torch.Generator().manual_seed(3)) * 2 - 1


def save_network(path, network: nn.Module) -> WeightsFile:
    """Without a classifier, which makes most of VGG16's file."""
    tensors = {name: value for name, value in network.state_dict().items() if "classifier" not in name}
    torch.save(tensors, path)
    return WeightsFile(path=str(path))


def test_vgg16s_layers_are_its_max_pools():
    network = FeatureNetwork(FeaturesConfig(layers=(1, 2, 3, 4, 5)))
    assert all(isinstance(stage[-1], nn.MaxPool2d) for stage in network.stages)
    assert [len(stage) for stage in network.stages] == [5, 5, 7, 7, 7]  # indices 4, 9, 16, 23, 30
    shapes = [tuple(values.shape) for values in network.maps(images())]
    assert shapes == [(2, 64, 32, 32), (2, 128, 16, 16), (2, 256, 8, 8), (2, 512, 4, 4), (2, 512, 2, 2)]
    assert FeatureNetwork(FeaturesConfig()).vectors(images()).shape == (2, 512)


def test_without_its_fourth_pool_vgg16s_last_block_works_at_an_eighth_of_the_image():
    network = FeatureNetwork(FeaturesConfig(network="vgg16_without_pool4", layers=(3, 4, 5)))
    shapes = [tuple(values.shape) for values in network.maps(images())]
    assert shapes == [(2, 256, 8, 8), (2, 512, 8, 8), (2, 512, 8, 8)]
    assert isinstance(network.stages[-1][-1], nn.ReLU)
    assert network.name == "vgg16_without_pool4 pool3+relu4_3+relu5_3, random weights (seed 0)"


def relu5_3_of_bgr(convolutions: list[nn.Conv2d], images_bchw: torch.Tensor) -> torch.Tensor:
    """VGG16 written out, of red, green and blue in -1..1."""
    red, green, blue = ((images_bchw + 1) / 2 * 255).unbind(1)
    values = torch.stack((blue - 103.939, green - 116.779, red - 123.68), 1)
    for number, convolution in enumerate(convolutions):
        values = convolution(values).clamp(min=0)
        if number in (1, 3, 6):  # the last convolutions of blocks 1 to 3; block 4 is not pooled
            values = values.unfold(2, 2, 2).unfold(3, 2, 2).amax((4, 5))
    return values


def test_bgr_weights_see_blue_first_and_the_means_taken_away(tmp_path):
    with torch.random.fork_rng():
        torch.manual_seed(1)
        whole = make_layers(cfgs["D"])
    convolutions = [module for module in whole.modules() if isinstance(module, nn.Conv2d)]
    assert len(convolutions) == 13
    weights = save_network(tmp_path / "weights.pt", whole)
    network = FeatureNetwork(FeaturesConfig(network="vgg16_without_pool4", input="bgr", weights=weights))
    (found,) = network.maps(images(1))
    with torch.no_grad():
        expected = relu5_3_of_bgr(convolutions, images(1))
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4 * float(expected.max()))
    assert network.name.startswith("vgg16_without_pool4 relu5_3, BGR, file sha256:")
    red_first = FeatureNetwork(FeaturesConfig(network="vgg16_without_pool4", weights=weights)).maps(images(1))
    assert not torch.allclose(found / found.norm(), red_first[0] / red_first[0].norm(), atol=1e-3)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"input": "hsv"}, "features.input must be rgb or bgr, but was 'hsv'"),
        ({"input": "bgr", "network": "inception_v3"}, "must be rgb for inception_v3"),
        ({"input": "bgr", "weights": "imagenet"}, "must be rgb with weights: imagenet"),
    ],
)
def test_an_order_of_colours_that_no_weights_were_trained_on_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        FeaturesConfig(**values)


def test_squeezenet_and_inception_give_their_published_maps():
    squeezenet = FeatureNetwork(FeaturesConfig(network="squeezenet1_1", layers=(1, 2, 3, 4)))
    shapes = [tuple(values.shape[1:]) for values in squeezenet.maps(images(1, side=224))]
    assert shapes == [(64, 55, 55), (128, 27, 27), (256, 13, 13), (512, 13, 13)]
    inception = FeatureNetwork(FeaturesConfig(network="inception_v3", layers=(1, 2, 3, 4, 5)))
    shapes = [tuple(values.shape[1:]) for values in inception.maps(images(1))]
    assert shapes == [(64, 73, 73), (192, 35, 35), (288, 35, 35), (768, 17, 17), (2048, 8, 8)]


@pytest.mark.parametrize(
    ("network", "build"),
    [
        ("vgg16", lambda: vgg16(weights=None)),
        ("squeezenet1_1", lambda: squeezenet1_1(weights=None)),
        ("inception_v3", lambda: inception_v3(weights=None, init_weights=False)),
    ],
)
def test_the_weights_of_a_file_give_torchvisions_own_features(tmp_path, network, build):
    with torch.random.fork_rng():
        torch.manual_seed(1)
        whole = build().eval()
    config = FeaturesConfig(network=network, weights=save_network(tmp_path / "weights.pt", whole))
    found = FeatureNetwork(config).vectors(images(1))
    assert found.std() > 0
    torch.testing.assert_close(found, _torchvision_features(whole, images(1)), rtol=1e-4, atol=1e-5)


def _torchvision_features(whole: nn.Module, images_bchw: torch.Tensor) -> torch.Tensor:
    """Mean activations before the classifier, of images normalised as torchvision's own transforms do."""
    unit = (images_bchw + 1) / 2
    with torch.no_grad():
        if hasattr(whole, "features"):
            weights = VGG16_Weights if whole.classifier[0].__class__ is nn.Linear else SqueezeNet1_1_Weights
            transform = weights.IMAGENET1K_V1.transforms(crop_size=64, resize_size=64)
            return whole.features(transform(unit)).mean((2, 3))
        enlarged = functional.interpolate(unit, (299, 299), mode="bilinear", antialias=True)
        transform = Inception_V3_Weights.IMAGENET1K_V1.transforms(crop_size=299, resize_size=299)
        whole.transform_input, whole.fc, whole.dropout = True, nn.Identity(), nn.Identity()
        return whole(transform(enlarged))


def test_random_features_are_the_same_every_time_leave_the_random_state_alone_and_say_that_they_are_random():
    before = torch.get_rng_state()
    first, again = FeatureNetwork(SQUEEZENET), FeatureNetwork(SQUEEZENET)
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(first.vectors(images()), again.vectors(images()))
    assert first.name == "squeezenet1_1 fire9, random weights (seed 0)"


def test_random_kernels_are_hes_without_a_sum_and_keep_the_scale_of_activations():
    network = FeatureNetwork(FeaturesConfig(layers=(1, 2, 3, 4, 5)))
    kernel = network.stages[0][0].weight
    # He: sqrt(2 / (3 x 3 x 3)), spread by sqrt(1 / (1 - 1 / pi)), less the variance of the mean of 27 values
    assert kernel.std().item() == pytest.approx((2 / 27 / (1 - 1 / math.pi) * 26 / 27) ** 0.5, rel=0.05)
    assert kernel.sum((1, 2, 3)).abs().max() < 1e-4
    noise = torch.randn((2, 3, 64, 64), generator=torch.Generator().manual_seed(0)) * 0.45
    deviations = [values.std().item() for values in network.maps(noise)]
    assert max(deviations) < 4 * min(deviations)


def test_random_features_tell_textures_apart_more_than_brightness():
    flat = torch.full((1, 3, 64, 64), -0.2)
    brighter = flat + 0.4
    rough = flat + images(1) * 0.2
    network = FeatureNetwork(FeaturesConfig(network="squeezenet1_1", layers=(2,)))
    one, bright, texture = (network.vectors(image)[0] for image in (flat, brighter, rough))
    assert (texture - one).norm() > 3 * (bright - one).norm()


def test_a_layer_does_not_depend_on_which_others_are_given_out():
    both = FeatureNetwork(FeaturesConfig(layers=(2, 5))).maps(images())
    for layer, values in zip((2, 5), both, strict=True):
        (alone,) = FeatureNetwork(FeaturesConfig(layers=(layer,))).maps(images())
        assert torch.equal(alone, values)


def test_gradients_reach_the_images_and_no_weight():
    network, inputs = FeatureNetwork(SQUEEZENET), images().requires_grad_()
    network.maps(inputs)[-1].sum().backward()
    assert inputs.grad is not None and inputs.grad.abs().max() > 0
    assert not any(weight.requires_grad for weight in network.parameters())
    assert not network.training


def test_a_files_digest_is_in_the_name(tmp_path):
    weights = save_network(tmp_path / "weights.pt", squeezenet1_1(weights=None))
    digest = hashlib.sha256((tmp_path / "weights.pt").read_bytes()).hexdigest()
    network = FeatureNetwork(FeaturesConfig(network="squeezenet1_1", layers=(2, 4), weights=weights))
    assert network.name == f"squeezenet1_1 pool2+fire9, file sha256:{digest[:12]}"


def test_a_file_of_another_network_or_none_is_refused_in_one_line(tmp_path):
    weights = save_network(tmp_path / "weights.pt", squeezenet1_1(weights=None))
    for network in ("vgg16", "inception_v3"):
        with pytest.raises(
            ValueError, match=f"does not hold the weights of torchvision's {network}"
        ) as caught:
            FeatureNetwork(FeaturesConfig(network=network, weights=weights))
        assert "\n" not in str(caught.value)
    with pytest.raises(ValueError, match=r"no weights file .*nowhere\.pt"):
        FeatureNetwork(FeaturesConfig(weights=WeightsFile(path=str(tmp_path / "nowhere.pt"))))


def test_imagenet_without_a_network_is_refused_in_one_line(monkeypatch):
    def fail(self, **options):
        raise OSError("no route to host")

    monkeypatch.setattr(pretrained.WeightsEnum, "get_state_dict", fail)
    with pytest.raises(ValueError, match=r"could not be fetched \(no route to host\).*vgg16-397923af\.pth"):
        FeatureNetwork(FeaturesConfig(weights="imagenet"))


def test_imagenet_weights_are_named(monkeypatch):
    tensors = squeezenet1_1(weights=None).state_dict()
    monkeypatch.setattr(pretrained.WeightsEnum, "get_state_dict", lambda self, **options: tensors)
    network = FeatureNetwork(FeaturesConfig(network="squeezenet1_1", weights="imagenet"))
    assert network.name == "squeezenet1_1 fire9, ImageNet"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"network": "resnet50"},
            "one of vgg16, vgg16_without_pool4, squeezenet1_1, inception_v3, but was 'resnet50'",
        ),
        ({"weights": "coco"}, "none, imagenet or a path, but was 'coco'"),
        ({"layers": (6,)}, r"rising numbers of 1 to 5, but was \[6\]"),
        ({"layers": (5, 2)}, r"rising numbers of 1 to 5, but was \[5, 2\]"),
        ({"layers": ()}, r"but was \[\]; null takes layer 5"),
    ],
)
def test_impossible_configurations_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        FeaturesConfig(**values)
