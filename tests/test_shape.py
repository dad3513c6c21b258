"""How the code is laid out: rooms, and ceilings that nobody should notice."""

import ast
from pathlib import Path

import pytest

from tasks.artifacts.code_version import PROJECT_ROOT
from tasks.artifacts.first_party import PROJECT

MOST_LINES_OF_A_FUNCTION, MOST_LINES_OF_A_FILE, MOST_PARAMETERS = 40, 300, 8
FILES = sorted(path for folder in PROJECT for path in (PROJECT_ROOT / folder).rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(PROJECT_ROOT).as_posix()


@pytest.mark.parametrize("folder", ["flows", "tasks"])
def test_every_file_stands_in_a_room(folder):
    outside = {path.name for path in (PROJECT_ROOT / folder).glob("*.py")}
    assert outside <= {"__init__.py", "__main__.py"}


def test_a_package_s_init_is_a_docstring_alone():
    """One that imports its siblings would bring them into the key of every step that uses one of them."""
    packages = {name(path): ast.parse(path.read_text()).body for path in FILES if path.name == "__init__.py"}
    assert not [place for place, body in packages.items() if len(body) != 1]


def test_no_file_and_no_function_is_long():
    long = []
    for path in FILES:
        text = path.read_text()
        if text.count("\n") > MOST_LINES_OF_A_FILE:
            long.append(f"{name(path)}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                parameters = len(node.args.args) + len(node.args.kwonlyargs)
                if lines > MOST_LINES_OF_A_FUNCTION or parameters > MOST_PARAMETERS:
                    long.append(f"{name(path)}: {node.name}, {lines} lines, {parameters} parameters")
    assert not long
