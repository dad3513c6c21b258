from tasks.report.blocks import NONE, Table, interval, number


def test_columns_of_words_are_those_with_a_letter_and_the_first():
    table = Table("", ("", "a", "b"), (("1", "0.5", NONE), ("2", "0.7", "helps")))
    assert table.text_columns == {0, 2}


def test_a_table_in_markdown_has_a_line_a_row():
    assert Table("", ("A", "B"), (("x", "1"),)).markdown() == ["| A | B |", "| --- | --- |", "| x | 1 |"]


def test_what_is_not_known_is_a_dash():
    assert (number(None), interval(None)) == (NONE, NONE)
    assert interval((-1.0, 2.0), "{:+.1f}") == "[-1.0, +2.0]"
