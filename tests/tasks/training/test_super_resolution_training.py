import numpy as np

from models.soiling.super_resolution.config import SuperResolutionConfig
from models.soiling.super_resolution.training import CleanSets
from models.soiling.super_resolution.training import train_super_resolution as train
from models.training.supervised import Hooks
from tasks.formats.label_maps import read_label_maps
from tasks.training import super_resolution_training
from tasks.training.super_resolution_training import SuperResolutionRun, train_super_resolution
from tests.tasks.soiling.small_sets import write_clean
from tests.tasks.trained_here import run_here
from tests.tasks.training.soiling_runs import SHORT, built, weights_of

CONFIG = SuperResolutionConfig(filters=2, blocks=1, crop_px=16, **SHORT)


def test_the_step_leaves_what_training_on_the_images_gives(tmp_path, monkeypatch):
    run_here(monkeypatch, super_resolution_training)
    places = {"train": write_clean(tmp_path / "train"), "val": write_clean(tmp_path / "val", 2, seed=1)}
    run = SuperResolutionRun(super_resolution=CONFIG, seed=3, threads=1)
    out = built(train_super_resolution, tmp_path / "out", run, **places)
    sets = CleanSets(*(np.array(read_label_maps(place).images) for place in places.values()))
    state = train(CONFIG, sets, seed=3, resume=None, hooks=Hooks())
    found = weights_of(out, "super_resolution")
    assert all(np.array_equal(found[name], value) for name, value in state["best"]["network"].items())
