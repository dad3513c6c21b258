"""Everything that is said of one detector on annotated photos, or of two side by side."""

from dataclasses import dataclass
from typing import Any

from tasks.detection.scoring_photos import Comparison, Scorecard
from tasks.report.headline import say


@dataclass(frozen=True, eq=False)
class ScoreContent:
    """One card, or two with their comparison; `notes` say what is left out, `settings` what was asked for."""

    cards: list[Scorecard]
    comparison: Comparison | None
    notes: tuple[str, ...]
    target: str
    iou: float
    settings: dict[str, Any]

    def sentences(self) -> list[str]:
        """The verdict in words; none without a baseline."""
        return [] if self.comparison is None else [say(self.comparison.judgement)]

    def record(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "settings": {
                name: value if isinstance(value, int | float) or value is None else str(value)
                for name, value in self.settings.items()
            },
            "num_images": len(self.cards[0].found.records),
            "num_boxes": sum(len(record.boxes_xyxy) for record in self.cards[0].found.records),
            "num_scenes": len(set(self.cards[0].found.scenes)),
            "detectors": [card.record() for card in self.cards],
            "comparison": None if self.comparison is None else self.comparison.record(),
            "verdict": self.sentences(),
            "notes": list(self.notes),
        }
