import torch
from torchvision.models import ResNet18_Weights

from models.training.imagenet_images import normalise


def test_images_are_normalised_as_torchvisions_weights_say():
    images = torch.rand(2, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    preset = ResNet18_Weights.IMAGENET1K_V1.transforms()
    mean, deviation = (torch.tensor(values).view(3, 1, 1) for values in (preset.mean, preset.std))
    torch.testing.assert_close(normalise(images), (images - mean) / deviation)
    torch.testing.assert_close(normalise(images[0]), normalise(images)[0])
