"""README.md and docs/*.md as a person reads them: their blocks, code in the text, commands and links."""

import re
import shlex
from pathlib import Path

from tasks.artifacts.code_version import PROJECT_ROOT

README = PROJECT_ROOT / "README.md"
PAGES = {
    str(path.relative_to(PROJECT_ROOT)): path.read_text()
    for path in (README, *sorted((PROJECT_ROOT / "docs").glob("*.md")))
}
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"`([^`]+)`")
_PROGRAM = re.compile(r"^(?:\$ )?(?:\w+=\S+ )*(?:uv run )?python -m flows ")


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in a language; "" for those without one."""
    return [text for name, text in _FENCE.findall(PAGES[page]) if name == language]


def prose(page: str) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", PAGES[page])


def spans(page: str) -> list[str]:
    """What stands in backticks in the text, in one line each."""
    return [" ".join(span.split()) for span in _SPAN.findall(prose(page))]


def shell_lines(page: str) -> list[str]:
    """Every line of the blocks that show a shell, and every span: what may be a command."""
    typed = [line for block in blocks(page, "") for line in block.splitlines()]
    return [line.strip() for line in [*typed, *spans(page)]]


def flows_commands(page: str) -> list[list[str]]:
    """The arguments of each `python -m flows` in a page."""
    found = []
    for line in shell_lines(page):
        if match := _PROGRAM.match(line):
            words = shlex.split(line[match.end() :], comments=True)
            if words and words[0] != "...":
                found.append(words)
    return found


def make_targets(page: str) -> list[str]:
    return [line.split()[1] for line in shell_lines(page) if re.match(r"make \w", line)]


def links(page: str) -> list[str]:
    """Where links and pictures of a page lead."""
    return re.findall(r"\]\(([^)\s]+)\)", prose(page))


def anchors(page: str) -> set[str]:
    """The names by which links reach the headings of a page, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def paths(page: str) -> list[str]:
    """The files and folders of the project that the text names."""
    folders = r"(?:flows|tasks|models|blender_assets|docs|docker|tests)/"
    single = {"prefect.yaml", "pyproject.toml", "CHANGELOG.md", "Makefile"}
    return [span for span in spans(page) if re.fullmatch(rf"{folders}[\w./-]*", span) or span in single]


def resolved(page: str, link: str) -> Path:
    return (PROJECT_ROOT / page).parent.joinpath(link).resolve()
