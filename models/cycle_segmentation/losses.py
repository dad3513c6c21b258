"""The losses of one step: equations 1 to 8 of seed 002, all in float32."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.func import functional_call

from models.cycle_segmentation.config import CycleConfig, CycleSegmentationConfig
from models.cycle_segmentation.cycles import go_backward, go_forward, void_as_class
from models.cycle_segmentation.networks import DISCRIMINATOR, SEGMENTER
from models.cycle_segmentation.noise import loss_logits
from models.segmentation.losses import cross_entropy
from models.training.supervised import Losses
from models.translation.adversarial import generator_loss
from models.translation.image_pool import ImagePool


@dataclass(frozen=True)
class CycleBatch:
    """Images [b + i, 3, h, w] in -1..1 and label maps int64 [b + l, h, w] with 255 for void, on the networks' device.

    The first b belong together; of the i others nothing is annotated, and of the l others there is no image. `pool_plan`
    [b + l, 2] is what `plan_exchange` gives.
    """

    images_bchw: Tensor
    labels_bhw: Tensor
    num_paired: int
    pool_plan: Tensor


@dataclass(frozen=True)
class Weighing:
    """Of pixels: of each class with void as the last [S], or None where all count alike and void does not."""

    num_outputs: int
    weights_s: Tensor | None

    def cross_entropy(self, logits_bshw: Tensor, labels_bhw: Tensor) -> Tensor:
        """Equations 1 and 4: the mean of -log softmax of the pixels' own classes, by weight."""
        if self.weights_s is None:
            return cross_entropy(logits_bshw, labels_bhw)
        return cross_entropy(logits_bshw, void_as_class(labels_bhw, self.num_outputs), self.weights_s)


def find_losses(
    config: CycleSegmentationConfig,
    networks: nn.ModuleDict,
    batch: CycleBatch,
    *,
    weighing: Weighing,
    pool: ImagePool | None,
) -> Losses:
    """Unweighted losses by name: of the segmenter, and, with a cycle, of the synthesizer and the discriminator.

    The discriminator learns by its own loss alone: where it judges for the synthesizer it has fixed weights, and its own
    loss sees images without their history. So one backward pass and one Adam, which treats each weight for itself, are
    steps 3 to 6 of Table 1.
    """
    paired = batch.labels_bhw[: batch.num_paired]
    if config.cycle is None:
        return {"segmentation": weighing.cross_entropy(networks[SEGMENTER](batch.images_bchw), paired)}
    assert pool is not None, "a cycle's discriminator learns from a pool"
    forward = go_forward(networks, batch.images_bchw, config.cycle)
    backward = go_backward(networks, batch.labels_bhw, config.num_outputs)
    annotated = loss_logits(_first(forward.logits_bshw, batch.num_paired).float(), config.cycle)
    resegmented = loss_logits(backward.logits_bshw.float(), config.cycle)
    pooled = pool.exchange(backward.synthetic_bchw.float(), batch.pool_plan)
    return {
        "segmentation": weighing.cross_entropy(annotated, paired),
        "image_reconstruction": image_reconstruction(forward.reconstruction_bchw, batch.images_bchw),
        "adversarial": generator_loss("least_squares", judge(networks, backward.synthetic_bchw)),
        "label_reconstruction": weighing.cross_entropy(resegmented, batch.labels_bhw),
        "discriminator": discrimination(networks[DISCRIMINATOR], batch.images_bchw, pooled),
    }


def weigh(config: CycleConfig | None, losses: Losses) -> Tensor:
    """J^gen (equations 5 to 7), and J^disc, which shares no weights with it; without a cycle J^seg."""
    if config is None:
        return losses["segmentation"]
    alpha, beta, gamma = config.alpha, config.beta, config.gamma
    forward = alpha * losses["segmentation"] + (1 - alpha) * losses["image_reconstruction"]
    backward = beta * losses["adversarial"] + (1 - beta) * losses["label_reconstruction"]
    return gamma * forward + (1 - gamma) * backward + losses["discriminator"]


def image_reconstruction(reconstruction_bchw: Tensor, images_bchw: Tensor) -> Tensor:
    """Equation 3: the sum over colours of absolute differences, averaged over pixels."""
    return (reconstruction_bchw.float() - images_bchw.float()).abs().mean() * images_bchw.shape[1]


def judge(networks: nn.ModuleDict, images_bchw: Tensor) -> Tensor:
    """The discriminator's scores [b, 1, h / 8 - 2, w / 8 - 2], by which images are changed and the discriminator is not."""
    discriminator = networks[DISCRIMINATOR]
    fixed = {name: weight.detach() for name, weight in discriminator.named_parameters()}
    return functional_call(discriminator, fixed, (images_bchw,))


def discrimination(discriminator: nn.Module, real_bchw: Tensor, pooled_bchw: Tensor) -> Tensor:
    """Equation 8, not halved: real images are to be scored 1, generated ones 0; one pass for both."""
    scores = discriminator(torch.cat((real_bchw, pooled_bchw.to(real_bchw.dtype)))).float()
    real, fake = scores.split((len(real_bchw), len(pooled_bchw)))
    return (real - 1).square().mean() + fake.square().mean()


def _first(maps_bchw: Tensor, count: int) -> Tensor:
    # A slice of everything would cost a copy of the gradient.
    return maps_bchw if len(maps_bchw) == count else maps_bchw[:count]
