"""The table of arms with a cycle and noise, or without: Table 2 of the paper, ours beside it."""

from collections.abc import Sequence
from typing import Any

from tasks.report.blocks import NONE, Table, number

_TITLES = (
    *("Noise", "SNR", "mIoU", "95 % interval", "with void", "PSNR"),
    *("Watermark", "Saturated", "Paper: SNR", "mIoU, %", "PSNR"),
)
MEANING = (
    "SNR, PSNR and watermark in dB. PSNR: how well F gives an image back from its latent map, with the noise that it was "
    "trained with. Watermark: what PSNR loses when the latent map has noise of 0.01 more, which no eye sees. Saturated: the "
    "share of the latent map at the ends of its range. Paper: Table 2, Cityscapes at 512 x 256, one training each; only "
    "differences between its rows compare with ours."
)


def noise_table(rows: Sequence[dict[str, Any]]) -> Table:
    """`rows` as `table_rows` of the report makes them; columns that no row fills are left out."""
    cells = [("Arm", *_TITLES), *(_cells(row) for row in rows)]
    filled = [index for index in range(len(cells[0])) if any(row[index] != NONE for row in cells[1:])]
    header, *body = (tuple(row[index] for index in filled) for row in cells)
    return Table("", header, tuple(body), frozenset((header.index("mIoU"),)))


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    paper = row["paper"] or {"snr_db": None, "mean_iou_percent": None, "psnr_db": None}
    bounds = row["interval"]
    return (
        row["arm"],
        row["noise"],
        number(row["snr_db"], "{:.2f}"),
        number(row["mean_iou"]),
        NONE if bounds is None else f"{bounds[0]:.3f} – {bounds[1]:.3f}",
        number(row["mean_iou_with_void"]),
        number(row["psnr_db"], "{:.2f}"),
        number(row["probe_drop_db"], "{:.2f}"),
        number(row["saturated_share"], "{:.0%}"),
        number(paper["snr_db"], "{:.2f}"),
        number(paper["mean_iou_percent"], "{:.1f}"),
        number(paper["psnr_db"], "{:.2f}"),
    )
