import json

from tasks.scoring.records import read_counted
from tasks.segmentation.summary import SegmentSummaryConfig, summarise_segmenters
from tasks.sweeping.points import read_summary
from tests.tasks.scoring.made_up_segmentation import count_segmentation, evaluate_segmentation


def write(folder, **contents):
    folder.mkdir()
    for name, content in contents.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    return folder


def test_a_point_has_the_scores_counts_and_courses_of_its_run_and_says_what_limits_them(tmp_path):
    counted = count_segmentation({"plain": 0.5, "more": 0.7})
    result = evaluate_segmentation(counted, pairs=(("more", "plain"),)) | {"num_clips": 6}
    evaluation = write(tmp_path / "evaluation", evaluation=result, statistics=counted.record())
    histories = [
        [{"step": 2, "val_mean_iou": value}, {"step": 4, "losses": {}}] for value in (0.1, 0.2, 0.3, 0.4)
    ]
    segmenters = [write(tmp_path / f"{n}", history=history) for n, history in enumerate(histories)]
    leaks = write(tmp_path / "leaks", leaks={"cut_sequences": ["s (train, test)"], "pairs": []})
    config = SegmentSummaryConfig(num_seeds=2)
    summarise_segmenters.build(
        tmp_path, config=config, segmenters=segmenters, evaluation=evaluation, leaks=leaks
    )
    found = read_summary(tmp_path)
    assert (
        found["steps"] == 4
        and found["figures"] == {}
        and found["evaluation"] == json.loads(json.dumps(result))
    )
    assert found["validation"] == {"plain": [[[2, 0.1]], [[2, 0.2]]], "more": [[[2, 0.3]], [[2, 0.4]]]}
    assert (read_counted(found["statistics"]).arms["more"] == counted.arms["more"]).all()
    assert [note.partition(":")[0] for note in found["notes"]] == [
        "The images scored are of 6 sequences only",
        "1 sequence(s) have images in several splits",
    ]
