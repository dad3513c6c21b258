"""The page of all fields: docs/configuration.md is what the code says now."""

from flows.commands import reference
from flows.configuration.sections import list_sections


def test_the_page_in_docs_is_what_the_code_says_now(monkeypatch):
    monkeypatch.delenv("VERISIM_PIPELINES", raising=False)
    assert reference.PAGE.read_text() == reference.page(), "run `make reference`"


def test_every_field_of_every_file_is_described():
    sections = [section for kind in reference._kinds() for section in list_sections(kind.form)]
    fields = {f"{section.name}.{item.name}": item.comment for section in sections for item in section.fields}
    assert len(fields) > 300 and [name for name, comment in fields.items() if not comment] == []


def test_a_row_of_the_page_has_name_kind_default_and_comment():
    rows = reference.page().splitlines()
    assert "| `crops.size_px` | whole number, at least 32 | `128` |" in "\n".join(rows)
    (detector_seeds,) = (
        row for row in rows if row.startswith("| `training.detector_seeds` |") and "`3`" in row
    )
    assert "whole number, at least 1" in detector_seeds
    assert any(
        row.startswith("| `refiner.from` | text, at least 4 characters | required | key of") for row in rows
    )
    assert any(
        row.startswith("| `cameras.NAME.lens.model` | `fisheye_equisolid` | required |") for row in rows
    )


def test_what_another_pipeline_has_in_the_same_words_is_not_repeated():
    text = reference.page()
    assert "### `render` in `pretraining`\n\nThe same fields and defaults as above.\n" in text
    assert text.count("| `render.scenes_per_background` |") == 1
    assert text.count("| `training.detector_seeds` |") == 2  # whose default is another one there
