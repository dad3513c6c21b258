"""The page of a sweep of sections in a real browser."""

import json

import pytest

from tasks.sweeping.points import KindCost
from tasks.sweeping.table import SweepTableConfig, tabulate_sweep
from tests.browser import check_page, needs_chromium
from tests.tasks.sweeping.made_up_points import failed_point, make_point

BASE = {"S": [0.4, 0.42], "R_train": [0.5, 0.52]}
REFINED = {"S+": [0.45, 0.46], "R_train + S+": [0.8, 0.81]}
AXES = ("section", "refiner", "training.refiner_seed")
PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


@needs_chromium
def test_a_page_of_sections_opens_without_errors_and_can_be_read_on_a_phone(tmp_path):
    made = [
        *(
            make_point(
                "refiners", {"refiner": name}, BASE | REFINED, has_skip=name == "b", figures={"frechet": far}
            )
            for name, far in (("a", 150.0), ("b", 140.0), ("c", 120.0))
        ),
        failed_point("refiners", {"refiner": "d"}, "train refiner: a child ended\n  the loss is nan"),
        make_point("sizes", {"refiner": "a"}, BASE | {"R_train + S+:10": [0.6, 0.6]}),
        make_point("inversion", {"refiner": "a"}, {"R_train:5": [0.3, 0.3], "R_train:5 + S+": [0.5, 0.5]}),
        *(
            make_point(
                "reproduction", {"training.refiner_seed": str(n)}, BASE | REFINED, refiner_seed=n, seed=n
            )
            for n in range(2)
        ),
    ]
    folders, configs = [], []
    for number, point in enumerate(made):
        configs.append(
            point.config.model_copy(
                update={"values": {axis: point.config.values.get(axis, "") for axis in AXES}}
            )
        )
        if point.summary is not None:
            folders.append(tmp_path / f"p{number}")
            folders[-1].mkdir()
            content = point.summary | {"before": PIXEL, "after": PIXEL}
            (folders[-1] / "point.json").write_text(json.dumps(content))
    config = SweepTableConfig(
        name="a sweep",
        axes=AXES,
        points=tuple(configs),
        titles={name: "" for name in ("refiners", "sizes", "inversion", "reproduction")},
        costs=(KindCost(kind="detector", count=6, seconds=12.3, num_bytes=5_000_000),),
        is_sample_site=True,
        has_test=True,
    )
    tabulate_sweep.build(tmp_path, config=config, points=folders)
    # distances, scores and skips; sizes; inversion; two arms; points and refiners; over seeds; cost and keys
    check_page(tmp_path / "index.html", name="sweep", tables=12, images=8, plots=9)


@needs_chromium
@pytest.mark.parametrize(
    "body",
    [
        '<img src="data:image/png;base64,AAAA" alt="broken">',
        "<script>console.error('oh')</script>",
        "<script>undefined.field</script>",
        '<img src="http://127.0.0.1:9/x.png">',
        '<div style="width: 700px">wide</div>',
        '<a href="#a" tabindex="-1">no key comes here</a>',
    ],
)
def test_the_check_of_a_page_can_fail(tmp_path, body):
    (tmp_path / "index.html").write_text(f"<!doctype html><body>{body}</body>")
    with pytest.raises(AssertionError):
        check_page(tmp_path / "index.html", name="broken", tables=0, images=0, plots=0)
