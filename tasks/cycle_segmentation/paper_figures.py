"""Table 2 of the paper (seed 002): mIoU in per cent and PSNR in dB on Cityscapes val, 512 x 256, one training each."""

from dataclasses import dataclass

from models.cycle_segmentation.config import NoiseConfig


@dataclass(frozen=True)
class PaperRow:
    """One row of the table; None where it has a dash."""

    snr_db: float | None
    mean_iou_percent: float
    psnr_db: float | None


PLAIN = PaperRow(None, 40.2, None)
_NO_NOISE = PaperRow(None, 39.4, 25.37)
_MAX_ONLY = PaperRow(0.22, 41.4, 24.71)
_QUANTIZATION = {  # by bits
    4: PaperRow(21.02, 43.3, 25.54),
    3: PaperRow(14.50, 42.9, 24.48),
    2: PaperRow(7.38, 45.1, 25.30),
    1: PaperRow(-0.55, 7.7, 24.38),
}
_GAUSSIAN = tuple(
    PaperRow(*row)
    for row in (
        (40.00, 38.7, 24.79),
        (30.00, 39.0, 25.05),
        (21.02, 42.1, 24.96),
        (14.50, 41.5, 24.43),
        (7.38, 38.9, 23.44),
        (-0.55, 39.6, 22.82),
        (-10.00, 41.9, 20.77),
        (-15.00, 39.3, 19.56),
        (-20.00, 39.5, 18.74),
    )
)


def paper_row(noise: NoiseConfig, *, matched: NoiseConfig | None = None) -> PaperRow | None:
    """The paper's row for this noise; None where it tried none like it.

    `matched`: the noise whose measured ratio Gaussian noise takes: that row which the paper matched to it.
    """
    if noise.kind == "none":
        return _NO_NOISE
    if noise.kind == "max_only":
        return _MAX_ONLY
    if noise.kind == "quantization":
        return _QUANTIZATION.get(noise.bits)
    like = None if matched is None else paper_row(matched)
    ratio = noise.snr_db if like is None else like.snr_db
    return next((row for row in _GAUSSIAN if row.snr_db == ratio), None)
