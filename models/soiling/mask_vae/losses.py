"""What a VAE makes small: the negative evidence lower bound (Kingma and Welling 2014, equation 10), with a beta.

Beta is that of Higgins et al. 2017.
"""

from torch import Tensor
from torch.nn import functional

from models.soiling.mask_vae.network import Posterior


def reconstruction_loss(logits_b1ss: Tensor, masks_b1ss: Tensor) -> Tensor:
    """Binary cross entropy with soft targets, summed over a mask's pixels, averaged over the batch."""
    entropy = functional.binary_cross_entropy_with_logits(
        logits_b1ss.float(), masks_b1ss.float(), reduction="sum"
    )
    return entropy / len(masks_b1ss)


def kl_divergence(posterior: Posterior) -> Tensor:
    """From the standard normal, summed over a code, averaged over the batch (Kingma and Welling 2014, appendix B)."""
    mean, log_variance = posterior.mean_bz.float(), posterior.log_variance_bz.float()
    per_number = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)
    return per_number.sum(1).mean()


def beta_at(step: int, *, beta: float, warmup_steps: int) -> float:
    """Beta's weight in a step: it rises along a line to `beta`, which it has from step `warmup_steps` on."""
    return beta * min(1.0, step / warmup_steps) if warmup_steps else beta
