"""Losses of label maps, all in float32 whatever the logits are in.

Shapes: b batch, C classes. Labels are int64 [b, h, w] in 0..C-1, or IGNORE_LABEL, which enters no loss: of a batch in
which nothing is known every loss is 0.
"""

import torch
from torch import Tensor
from torch.nn import functional

from models.augmentation.config import IGNORE_LABEL


def cross_entropy(logits_bchw: Tensor, labels_bhw: Tensor, weights_c: Tensor | None = None) -> Tensor:
    """The mean of -log p of the known pixels' own classes, weighted by their classes' `weights_c` if given."""
    return _weighted_mean(_surprise(logits_bchw, labels_bhw), labels_bhw, weights_c)


def focal_loss(
    logits_bchw: Tensor, labels_bhw: Tensor, weights_c: Tensor | None = None, *, gamma: float
) -> Tensor:
    """Cross entropy in which a pixel counts as (1 - p)^gamma (Lin et al. 2017, equation 5, of the softmax)."""
    return _weighted_mean(_focus(_surprise(logits_bchw, labels_bhw), gamma), labels_bhw, weights_c)


def cross_entropy_and_focal(
    logits_bchw: Tensor, labels_bhw: Tensor, weights_c: Tensor | None = None, *, gamma: float
) -> dict[str, Tensor]:
    """Both of the above by name, for the cost of one."""
    surprise = _surprise(logits_bchw, labels_bhw)
    return {
        "cross_entropy": _weighted_mean(surprise, labels_bhw, weights_c),
        "focal": _weighted_mean(_focus(surprise, gamma), labels_bhw, weights_c),
    }


def binary_cross_entropy(logits: Tensor, targets: Tensor, is_known: Tensor) -> Tensor:
    """The mean over known places; targets in 0..1, which may be soft (opacity). All of one shape."""
    entropy = functional.binary_cross_entropy_with_logits(
        logits.float(), targets.float(), reduction="none"
    ).masked_fill(~is_known, 0.0)
    return entropy.sum() / is_known.sum().clamp(min=1)


def level_loss(logits_bkhw: Tensor, labels_bhw: Tensor) -> Tensor:
    """Binary cross entropy of k + 1 levels: output i says whether a pixel is above level i (Frank and Hall 2001)."""
    levels = torch.arange(logits_bkhw.shape[1], device=labels_bhw.device).view(-1, 1, 1)
    is_known = (labels_bhw != IGNORE_LABEL).unsqueeze(1).expand_as(logits_bkhw)
    return binary_cross_entropy(logits_bkhw, labels_bhw.unsqueeze(1) > levels, is_known)


def lovasz_softmax(logits_bchw: Tensor, labels_bhw: Tensor) -> Tensor:
    """The Lovasz extension of 1 - IoU, averaged over the classes that the batch shows (Berman et al. 2018, eq. 12)."""
    shares_pc, labels_p = _known_shares(logits_bchw, labels_bhw)
    present = labels_p.unique()
    losses = [_lovasz_of_class(shares_pc[:, label], labels_p == label) for label in present]
    return torch.stack(losses).mean() if losses else logits_bchw.float().sum() * 0


def dice_loss(logits_bchw: Tensor, labels_bhw: Tensor) -> Tensor:
    """1 - 2 sum(p y) / sum(p + y), averaged over the classes that the batch shows (Sudre et al. 2017, eq. 2)."""
    shares_pc, labels_p = _known_shares(logits_bchw, labels_bhw)
    truth_pc = functional.one_hot(labels_p, shares_pc.shape[1]).float()
    is_present = truth_pc.sum(0) > 0
    overlaps = 2 * (shares_pc * truth_pc).sum(0) / (shares_pc + truth_pc).sum(0).clamp(min=1e-6)
    return ((1 - overlaps) * is_present).sum() / is_present.sum().clamp(min=1)


def _surprise(logits_bchw: Tensor, labels_bhw: Tensor) -> Tensor:
    """-log p of each pixel's class [b, h, w]; 0 where it is ignored."""
    logits, labels = logits_bchw.float(), labels_bhw
    if logits.is_contiguous(memory_format=torch.channels_last):
        # Pixels as rows, which they are in memory; torch would copy the maps first, which takes as long as the rest.
        logits, labels = logits.permute(0, 2, 3, 1).flatten(0, 2), labels.flatten()
    surprise = functional.cross_entropy(logits, labels, ignore_index=IGNORE_LABEL, reduction="none")
    return surprise.view_as(labels_bhw)


def _focus(surprise_bhw: Tensor, gamma: float) -> Tensor:
    # A share of 1 that rounding put at 0 surprise has no gradient of (1 - p)^gamma for gamma < 1.
    return (-torch.expm1(-surprise_bhw)).clamp(min=1e-12) ** gamma * surprise_bhw


def _weighted_mean(values_bhw: Tensor, labels_bhw: Tensor, weights_c: Tensor | None) -> Tensor:
    is_known = labels_bhw != IGNORE_LABEL
    if weights_c is None:
        return values_bhw.sum() / is_known.sum().clamp(min=1)
    weights_bhw = weights_c.float()[labels_bhw.masked_fill(~is_known, 0)] * is_known
    total = weights_bhw.sum()
    return (weights_bhw * values_bhw).sum() / total.clamp(min=torch.finfo(torch.float32).tiny)


def _known_shares(logits_bchw: Tensor, labels_bhw: Tensor) -> tuple[Tensor, Tensor]:
    """Softmax [p, C] and labels [p] of the known pixels."""
    shares = logits_bchw.float().softmax(dim=1).permute(0, 2, 3, 1)
    is_known = labels_bhw != IGNORE_LABEL
    return shares[is_known], labels_bhw[is_known]


def _lovasz_of_class(shares_p: Tensor, is_there_p: Tensor) -> Tensor:
    errors, order = torch.where(is_there_p, 1 - shares_p, shares_p).sort(descending=True)
    return errors @ _jaccard_steps(is_there_p[order].float())


def _jaccard_steps(is_there_p: Tensor) -> Tensor:
    """By how much 1 - IoU rises with each further wrong pixel [p] (Berman et al. 2018, algorithm 1)."""
    total = is_there_p.sum()
    jaccard = 1 - (total - is_there_p.cumsum(0)) / (total + (1 - is_there_p).cumsum(0))
    return torch.diff(jaccard, prepend=jaccard.new_zeros(1))
