"""What a section of the sweep's page is made of, and how its numbers are written."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """`caption` says what the columns mean."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def text_columns(self) -> frozenset[int]:
        """Columns of words, which stand to the left: the first, and those with a letter in any cell."""
        columns = enumerate(zip(*self.rows, strict=True))
        worded = (index for index, cells in columns if any(map(str.isalpha, "".join(cells))))
        return frozenset((0, *worded))


@dataclass(frozen=True)
class Plot:
    """A figure as a part of a page that has plotly."""

    title: str
    html: str
    note: str = ""


@dataclass(frozen=True)
class Section:
    """`lead` is the section in a sentence or two, also for the page's beginning; `notes` limit what may be believed."""

    name: str
    title: str
    lead: tuple[str, ...]
    notes: tuple[str, ...]
    tables: tuple[Table, ...]
    plots: tuple[Plot, ...]


NONE = "–"


def number(value: float | None, pattern: str = "{:.3f}") -> str:
    return NONE if value is None else pattern.format(value)


def interval(bounds: tuple[float, float] | None, pattern: str = "{:.3f}") -> str:
    return NONE if bounds is None else f"[{pattern.format(bounds[0])}, {pattern.format(bounds[1])}]"


def count(amount: int, noun: str) -> str:
    return f"{amount} {noun}" + "s" * (amount != 1)
