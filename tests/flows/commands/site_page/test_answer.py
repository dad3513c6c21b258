import json
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from flows.commands.site_page.answer import answer_draft
from tasks.sites.describing.draft import Draft
from tests.tasks.sites.describing.drafts import changed, fisheye_draft

UPRIGHT = {"kind": "person", "start_px": [200.0, 297.5], "end_px": [200.0, 337.4], "size_m": 1.75}


@pytest.fixture
def draft(tmp_path) -> Draft:
    return fisheye_draft(tmp_path)


def answer(draft: Draft, **fields: Any):
    return answer_draft(changed(draft, **fields))[0]


def test_without_marks_the_height_is_called_a_guess_and_figures_stand_all_the_same(draft):
    first = answer(draft)
    assert (
        first.words
        == "The camera hangs 2.80 m above the floor and looks straight down. That is only a guess."
    )
    assert "Mark a person" in first.hints[0] and len(first.figures) >= 6 and first.problem is None


def test_a_person_makes_the_guess_a_figure_with_its_error(draft):
    marked = answer(draft, marks=[UPRIGHT])
    assert marked.height_m == pytest.approx(3.5, rel=0.03) and marked.is_pose_known
    assert "Give or take" in marked.words and len(marked.errors_px) == 1


def test_a_door_at_the_rim_is_doubted_until_the_lens_is_known(draft):
    door = {"kind": "door", "start_px": [200.0, 332.0], "end_px": [200.0, 386.0], "size_m": 2.0}
    assumed, known = (answer(draft, marks=[door], is_lens_known=is_known) for is_known in (False, True))
    assert any("Most of that doubt is the lens" in hint for hint in assumed.hints)
    assert not any("the lens" in hint for hint in known.hints) and known.height_m == assumed.height_m


def test_a_leaning_person_is_told_what_to_do(draft):
    (hint, *_) = answer(draft, marks=[{**UPRIGHT, "end_px": [260.0, 320.0]}]).hints
    assert hint.startswith("The mark's upper end is ") and "choose “It is tilted”" in hint


def test_marks_at_odds_name_the_worst(draft):
    other = {**UPRIGHT, "start_px": [297.5, 200.0], "end_px": [337.4, 200.0]}
    third = {**UPRIGHT, "start_px": [200.0, 102.5], "end_px": [200.0, 25.0]}
    hints = answer(draft, marks=[UPRIGHT, other, third], mount="down").hints
    assert any(hint.startswith("The marks do not agree: number 3 is off by ") for hint in hints)


def test_a_corner_that_cannot_be_is_told_in_words_of_the_page(draft):
    table = {"name": "desk", "height_m": 0.74, "polygon_px": [[1, 1], [200, 180], [180, 200]]}
    wrong = answer(draft, occluders=[table])
    assert wrong.problem is not None and wrong.problem.startswith("desk 1 has the corner [1, 1]")
    assert wrong.figures  # the rest goes on


def test_a_lens_that_does_not_fit_the_photo_is_told(draft):
    away = {"model": "fisheye_equidistant", "fov_deg": 180, "circle_px": {"cx": 9000, "cy": 0, "radius": 5}}
    wrong = answer(draft, lens=away)
    assert (
        wrong.problem is not None and "no part of it is in the image" in wrong.problem and not wrong.figures
    )


LENSES = (
    {"model": "fisheye_equisolid", "fov_deg": 200.0},
    {"model": "fisheye_polynomial", "k1": 90.0, "k2": 1e300},
    {"model": "opencv_fisheye", "fx": 120.0, "fy": 1e-9, "cx": -1e9, "cy": 200.0, "k1": 0.1},
    {"model": "opencv_pinhole", "fx": 300.0, "fy": 300.0, "cx": 200.0, "cy": 200.0, "k1": -0.3},
    {"model": "perspective", "hfov_deg": 0.001},
    {"model": "perspective", "hfov_deg": 90.0},
)


def test_whatever_is_marked_there_is_an_answer_without_a_word_of_python(draft):
    """Also with points upon one another, above the horizon, and lenses that nobody has."""
    rng = np.random.default_rng(5)
    kinds, values = ("person", "door", "distance"), [0, 1, 200, 399, *rng.uniform(0, 400, 4)]
    for k in range(24):
        ends = rng.choice(values, (k % 4, 2, 2)).tolist()
        marks = [
            {"kind": kinds[k % 3], "start_px": start, "end_px": end, "size_m": 10.0 ** rng.integers(-3, 2)}
            for start, end in ends
        ]
        floor, top = (rng.choice(values, (count, 2)).tolist() for count in ((0, 3, 4, 5)[k % 4], 4))
        occluders = [{"height_m": 0.7, "polygon_px": top}]
        drawn = changed(draft, lens=LENSES[k % 6], marks=marks, floor_px=floor, occluders=occluders)
        found, _ = answer_draft(drawn)
        json.dumps(found.model_dump(mode="json"), allow_nan=False)
        assert found.problem is None or len(found.problem.splitlines()) == 1


def test_a_point_beside_the_photo_is_refused(draft):
    with pytest.raises(
        ValidationError, match=r"marks\.0 has the point \[1, 401\], but the photo is 400 x 400"
    ):
        changed(draft, marks=[{**UPRIGHT, "end_px": [1, 401]}])
