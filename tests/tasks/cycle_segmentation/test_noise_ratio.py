import json

from tasks.cycle_segmentation.noise_ratio import measure_noise_ratio, read_noise_ratio


def test_the_ratio_is_that_of_the_chosen_checkpoints_averaged_over_trainings(tmp_path):
    courses = [[(0.2, 9.0), (0.5, 7.0), (0.4, 1.0)], [(0.6, 8.006), (0.5, 3.0)]]
    folders = []
    for number, course in enumerate(courses):
        folders.append(tmp_path / str(number))
        folders[-1].mkdir()
        history = [{"step": 1, "segmentation": 2.0}]
        history += [{"val_mean_iou": iou, "val_snr_db": ratio} for iou, ratio in course]
        (folders[-1] / "history.json").write_text(json.dumps(history))
    measure_noise_ratio.build(tmp_path, config=None, segmenters=folders)
    assert read_noise_ratio(tmp_path) == 7.5
