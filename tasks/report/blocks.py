"""Tables of the pages, and how their numbers are written."""

from dataclasses import dataclass

NONE = "–"


@dataclass(frozen=True)
class Table:
    """`caption` says what the columns mean; columns whose index is in `strong` stand out."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    strong: frozenset[int] = frozenset()

    @property
    def text_columns(self) -> frozenset[int]:
        """Columns of words, which stand to the left: the first, and those with a letter in any cell."""
        columns = enumerate(zip(*self.rows, strict=True))
        worded = (index for index, cells in columns if any(map(str.isalpha, "".join(cells))))
        return frozenset((0, *worded))

    def markdown(self) -> list[str]:
        """A line each."""
        rows = (self.header, ["---"] * len(self.header), *self.rows)
        return [f"| {' | '.join(row)} |" for row in rows]


def number(value: float | None, pattern: str = "{:.3f}") -> str:
    return NONE if value is None else pattern.format(value)


def interval(bounds: tuple[float, float] | None, pattern: str = "{:.3f}") -> str:
    return NONE if bounds is None else f"[{pattern.format(bounds[0])}, {pattern.format(bounds[1])}]"
