"""The seed's own table: mIoU in per cent on its night images, and on the same made day ("Converted"); single runs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SeedRow:
    """One configuration; None where the seed does not tell."""

    told: str
    mean_iou_percent: float
    converted_percent: float | None = None


SEED_ROWS = {
    "1.1": SeedRow("day alone", 27.5),
    "1.2": SeedRow("self-training by day, from scratch", 27.1),
    "1.3": SeedRow("self-training by day, from 1.1", 29.0),
    "2.1": SeedRow("day and night", 31.5, 25.2),
    "2.2": SeedRow("2.1, then all unlabelled nights", 28.8, 24.7),
    "3.1": SeedRow("day and night, perceptual translator", 33.9, 29.3),
    "3.2": SeedRow("3.1, then all unlabelled nights", 32.1, 28.4),
    "4.1": SeedRow("3.1, then nights chosen by histogram", 34.2, 29.8),
    "5.1": SeedRow("night alone", 29.6),
    "5.2": SeedRow("3.1, then more night", 34.7),
    "5.3": SeedRow("5.1, then nights chosen by histogram", 29.8),
    "5.4": SeedRow("5.2, then nights chosen by histogram", 33.3),
    "6.1": SeedRow("day and night, focal loss", 26.9),
    "6.2": SeedRow("6.1, then nights chosen by histogram, focal loss", 28.3),
    "7.1": SeedRow("3.1, then nights chosen by FID", 38.8),
    "7.2": SeedRow("3.1, then nights chosen by FID, combined loss", 39.3),
    "7.3": SeedRow("3.1, then nights chosen by histogram, combined loss", 33.1),
    "8.1": SeedRow("5.2, then nights chosen by histogram", 37.8),
    "8.2": SeedRow("8.1, then nights chosen by FID", 39.5),
    "8.3": SeedRow("8.1, then nights chosen by FID, combined loss", 40.7),
}
# The seed's "improvement process".
STAIRS = ("1.1", "1.3", "2.1", "3.1", "4.1", "5.2", "7.2", "8.3")
