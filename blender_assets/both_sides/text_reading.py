"""Text files as people and their tools write them: UTF-8 with or without a byte order mark, or UTF-16 with one."""

import codecs
from pathlib import Path

# UTF-32's mark begins like UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_text(path: Path) -> str:
    """The text of a file, without its mark; ValueError in one line where it has another encoding."""
    content = path.read_bytes()
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path} is not in UTF-8 (its byte {error.start} is none of it); save it in this encoding"
        ) from None


def shown(value: object, *, most: int = 80) -> str:
    """`value` as Python writes it, in one short line, for a message about it."""
    try:
        text = repr(value)
    except (
        ValueError,
        RecursionError,
    ):  # whole numbers of more digits than Python writes, lists in lists in ..
        return f"a {type(value).__name__} that is too long to print"
    return text if len(text) <= most else f"{text[: most - 3]}..."


def printable(text: str) -> str:
    """`text` in one line that every terminal shows: line breaks and what steers terminals are written out."""
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in text)


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")
