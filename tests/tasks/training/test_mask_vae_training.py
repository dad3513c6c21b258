import json

import numpy as np
import pytest

from models.soiling.mask_vae.config import MaskVaeConfig
from models.soiling.mask_vae.training import MaskSets
from models.soiling.mask_vae.training import train_mask_vae as train
from models.training.supervised import Hooks
from tasks.formats.level_masks import masks_of_levels
from tasks.formats.soiling_masks import write_masks
from tasks.training import mask_vae_training
from tasks.training.mask_vae_training import MaskVaeRun, train_mask_vae
from tests.tasks.trained_here import run_here
from tests.tasks.training.soiling_runs import SHORT, built, small_sets, weights_of

RUN = MaskVaeRun(
    mask_vae=MaskVaeConfig(size_px=32, codes=4, filters=2, **SHORT), smoothing_px=1.0, seed=3, threads=1
)


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    return small_sets(tmp_path_factory.mktemp("sets"))


def test_the_step_leaves_what_training_on_the_annotated_masks_and_further_masks_gives(
    tmp_path, sets, monkeypatch
):
    run_here(monkeypatch, mask_vae_training)
    further = tmp_path / "further"
    further.mkdir()
    write_masks(further, np.ones((3, 32, 32)))
    places = {"train": sets["soiled_train"], "val": sets["soiled_val"]}
    out = built(train_mask_vae, tmp_path / "out", RUN, **places, further_train=[further], further_val=[])
    masks = [masks_of_levels(place, (32, 32), smoothing_px=1.0) for place in places.values()]
    masks[0] = np.concatenate([masks[0], np.ones((3, 32, 32), np.float32)])
    state = train(RUN.mask_vae, MaskSets(*masks), seed=3, resume=None, hooks=Hooks())
    found = weights_of(out, "mask_vae")
    assert all(np.array_equal(found[name], value) for name, value in state["best"]["network"].items())
    assert any("val_iou" in entry for entry in json.loads((out / "history.json").read_text()))


def test_a_killed_training_goes_on_to_the_same_weights(tmp_path, sets, monkeypatch):
    run_here(monkeypatch, mask_vae_training)
    places = {"train": sets["soiled_train"], "val": sets["soiled_val"]}
    places |= {"further_train": [], "further_val": []}
    whole = built(train_mask_vae, tmp_path / "whole", RUN, **places)

    class KilledError(Exception):
        pass

    def kill(done: int, total: int, note: str | None) -> None:
        if done > 2:
            raise KilledError

    def run_training(name, spec, *, threads, processes=1):
        mask_vae_training._train({**spec, "threads": threads}, kill)

    with monkeypatch.context() as context:
        context.setattr(mask_vae_training, "run_training", run_training)
        with pytest.raises(KilledError):
            built(train_mask_vae, tmp_path / "killed", RUN, **places)
    assert (tmp_path / "killed_scratch/checkpoint.pt").exists()
    train_mask_vae.build(tmp_path / "killed", RUN, **places, scratch=tmp_path / "killed_scratch")
    first, second = weights_of(whole, "mask_vae"), weights_of(tmp_path / "killed", "mask_vae")
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_a_negative_deviation_is_refused():
    with pytest.raises(ValueError, match="smoothing_px must be >= 0, but was -1"):
        MaskVaeRun(mask_vae=MaskVaeConfig(), smoothing_px=-1, seed=0, threads=1)
