"""Tables of commands for the terminal, a file or a pipe."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

_UNBOUNDED = 100_000  # columns: in a file or a pipe no line is folded


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]], *, num_text: int) -> None:
    """`num_text` of the first columns are words, the others numbers."""
    console = Console(highlight=False)
    console.width = console.width if console.is_terminal else _UNBOUNDED
    table = Table(box=None, pad_edge=False, header_style="dim")
    for index, name in enumerate(header):
        justify = "left" if index < num_text else "right"
        table.add_column(name, overflow="fold", justify=justify)
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)
