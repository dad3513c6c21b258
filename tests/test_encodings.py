"""No module of ours leaves the encoding of a text file to the machine's locale."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasks.artifacts.code_version import PROJECT_ROOT

FOLDERS = ("flows", "tasks", "models", "blender_assets")
SOURCES = sorted(path for folder in FOLDERS for path in (PROJECT_ROOT / folder).rglob("*.py"))
# the place of the mode among the arguments of what opens files; "x.open(mode)" of a path has it first
MODES = {"open": 1, "fdopen": 1, ".open": 0}


def opened_by_locale(source: str) -> Iterator[str]:
    """Every call that opens text without naming its encoding."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and not {"encoding", None} & {item.arg for item in node.keywords}:
            name = ast.unparse(node.func).rpartition(".")[2]
            is_method = isinstance(node.func, ast.Attribute)  # our own function read_text needs none
            is_text = (is_method and name in ("read_text", "write_text")) or _mode(node, name) in (
                "r",
                "w",
                "a",
                "x",
                "mode",
            )
            if is_text or any(item.arg in ("text", "universal_newlines") for item in node.keywords):
                yield ast.unparse(node)


def _mode(call: ast.Call, name: str) -> str | None:
    """The mode as it is written, "mode" for a variable; None where the call opens no file of text."""
    if ast.unparse(call.func) == "os.open":
        return None
    is_method = isinstance(call.func, ast.Attribute) and name == "open"
    position = MODES.get(".open" if is_method else name)
    if position is None:
        return None
    named = [item.value for item in call.keywords if item.arg == "mode"]
    given = [*named, *call.args[position : position + 1]]
    if not given:
        # x.open() of a store or a file system is no file; open(path) is one
        return "r" if name == "open" and not is_method else None
    mode = given[0].value if isinstance(given[0], ast.Constant) else None
    return mode.rstrip("+t") if isinstance(mode, str) else "mode"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PROJECT_ROOT).as_posix())
def test_every_text_file_and_pipe_of_a_module_names_its_encoding(path: Path):
    found = list(opened_by_locale(path.read_text(encoding="utf-8")))
    assert [
        text for text in found if not text.startswith(("figure.", "Image.open", "self._opener.open"))
    ] == []


@pytest.mark.parametrize(
    "source",
    [
        "path.read_text()",
        "path.write_text(text)",
        "open(path)",
        "path.open('w')",
        "os.fdopen(1, 'w')",
        "subprocess.run(command, text=True)",
    ],
)
def test_the_check_above_sees_what_it_is_for(source):
    assert list(opened_by_locale(source)) == [source.replace('"', "'")]
    mended = source.removesuffix(")") + ", encoding='utf-8')"
    assert list(opened_by_locale(mended.replace("(, ", "("))) == []
