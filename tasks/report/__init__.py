"""The report of a run: what was made, how it looks, and whether the synthetic images helped."""

from tasks.report.content import ReportConfig, write_report
from tasks.report.page import write_page

__all__ = ["ReportConfig", "write_page", "write_report"]
