"""The tables of a detector's scores on annotated photos, for its page and the terminal."""

from typing import Any

from tasks.detection.scoring_photos import Figure, Scorecard
from tasks.report.blocks import Table, interval, number
from tasks.report.score_content import ScoreContent

_MOST_SCENES = 40  # more of them nobody reads
_VISIBILITY = "visible share"
_BINS = {
    "distance from the centre": "By distance of a box's centre from the image's, in halves of the image's shorter side.",
    "size in px": "By size: the longer side of a box at the detector's input, in pixels.",
    _VISIBILITY: "By the visible share of a box; a false detection has none, so that only recall is known.",
}
_RATES = {"P": "precision", "R": "recall", "F1": "f1"}


def say_size(content: ScoreContent) -> str:
    """What was scored on how much, and what the intervals hold."""
    found = content.cards[0].found
    num_boxes = sum(len(record.boxes_xyxy) for record in found.records)
    num_scenes, num_images = len(set(found.scenes)), len(found.records)
    held = f"{num_scenes} scenes, drawn whole" if num_scenes >= 3 else "images"
    short = "" if num_scenes >= 3 else f", which are of {num_scenes} scene{'s' * (num_scenes > 1)} alone"
    return (
        f"{num_boxes} boxes of {content.target} in {num_images} image{'s' * (num_images > 1)}; a hit overlaps by IoU "
        f"{content.iou:g} (AP as named); 95 % intervals over {held}{short}"
    )


def figure_table(content: ScoreContent) -> Table:
    """Every figure with its interval, a column a detector, and the threshold of the rates."""
    cards = content.cards
    rows = [(title, *(_with_interval(card.figures[title]) for card in cards)) for title in cards[0].figures]
    thresholds = ("at threshold", *(f"{card.threshold:.3f}" for card in cards))
    return Table("", ("", *(card.name for card in cards)), (*rows, thresholds))


def difference_table(content: ScoreContent) -> Table | None:
    """Paired differences of average precision; None without a baseline."""
    if content.comparison is None:
        return None
    rows = [
        (title, number(figure.value, "{:+.3f}"), interval(figure.interval, "{:+.3f}"))
        for title, figure in content.comparison.precisions.items()
    ]
    first, base = (card.name for card in content.cards)
    caption = f"{first} less {base}, on the same draws of images."
    return Table(caption, ("", "Difference", "95 % interval"), tuple(rows))


def scene_table(card: Scorecard) -> Table | None:
    """Every figure of each scene, and their means over scenes; None for a single scene, or too many."""
    if not 2 <= len(card.by_scene) <= _MOST_SCENES:
        return None
    titles = tuple(card.figures)
    counts = {name: card.found.scenes.count(name) for name in card.by_scene}
    rows = [
        (name or "(no name)", str(counts[name]), *(number(values[title]) for title in titles))
        for name, values in card.by_scene.items()
    ]
    known = [values for values in card.by_scene.values() if values[titles[0]] is not None]
    means = (number(sum(values[title] or 0 for values in known) / len(known)) for title in titles)
    caption = f"{card.name} by scene."
    return Table(
        caption,
        ("Scene", "Images", *titles),
        (*rows, ("mean over scenes", str(sum(counts.values())), *means)),
    )


def error_table(content: ScoreContent) -> Table:
    """Errors of each kind, a row a detector."""
    rows = [
        (card.name, *(str(count) for count in card.breakdown["errors"].values())) for card in content.cards
    ]
    titles = (name.capitalize() for name in content.cards[0].breakdown["errors"])
    caption = (
        "Errors at the threshold. Missed: a box that no detection took. Background: a detection that overlaps no box by an "
        f"IoU of 0.1. Localisation: one that overlaps a box, by less than {content.iou:g}. Duplicate: one of a box that a "
        "surer detection took."
    )
    return Table(caption, ("", *titles), tuple(rows))


def bin_tables(content: ScoreContent) -> list[Table]:
    """Rates by distance, size and, where any box is partly hidden, visibility."""
    records = content.cards[0].found.records
    is_hidden = any(share < 1 for record in records for share in record.visibilities)
    return [_bin_table(content, name) for name in _BINS if name != _VISIBILITY or is_hidden]


def _bin_table(content: ScoreContent, name: str) -> Table:
    rates = {"R": "recall"} if name == _VISIBILITY else _RATES
    bins = [card.breakdown["bins"][name] for card in content.cards]
    rows = [
        (
            rows[0]["name"],
            str(rows[0]["num_boxes"]),
            *(_rate(row, key) for row in rows for key in rates.values()),
        )
        for rows in zip(*bins, strict=True)
    ]
    several = len(content.cards) > 1
    titles = (f"{card.name}: {rate}" if several else rate for card in content.cards for rate in rates)
    return Table(_BINS[name], ("", "Boxes", *titles), tuple(rows))


def _rate(row: dict[str, Any], key: str) -> str:
    return number(row[key], "{:.2f}")


def _with_interval(figure: Figure) -> str:
    bounds = "" if figure.interval is None else f" {interval(figure.interval)}"
    return f"{number(figure.value)}{bounds}"
