"""What a section of the sweep's page is made of."""

from dataclasses import dataclass

from models.judging.comparisons import Judgement
from tasks.report.blocks import Table


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
    between: tuple[Judgement, ...] = ()  # points against the first one, which tables and lead say too


def count(amount: int, noun: str) -> str:
    return f"{amount} {noun}" + "s" * (amount != 1)
