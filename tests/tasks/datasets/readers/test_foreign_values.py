"""Numbers as other programs write them, and what only looks like one."""

import time

import pytest

from tasks.datasets.readers.foreign_values import number


@pytest.mark.parametrize(
    ("text", "value"), [("10", 10), (" 10. ", 10), (".5", 0.5), ("-1e2", -100), ("1.5E+1", 15), ("+3", 3)]
)
def test_a_number_as_text_is_that_number(text, value):
    assert number(text) == value


@pytest.mark.parametrize("text", ["", ".", "1_0", "1,5", "0x1", "1e", "nan", "inf", "1e400", "9" * 400])
def test_other_text_is_none(text):
    assert number(text) is None


def test_text_that_begins_as_a_long_number_is_refused_at_once():
    before = time.process_time()
    assert number("1" * 200_000 + "x") is None
    assert time.process_time() - before < 2
