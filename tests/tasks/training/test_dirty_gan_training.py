import numpy as np
import pytest

from models.soiling.dirty_gan.config import DirtyGanConfig
from models.soiling.dirty_gan.data import DirtySets, DirtySplits
from models.soiling.dirty_gan.training import train_dirty_gan as train
from models.soiling.opacity import load_opacity
from models.training.checkpoints import load_checkpoint
from models.training.supervised import Hooks
from models.translation.networks.configs import DiscriminatorConfig, GeneratorConfig
from tasks.formats.label_maps import read_label_maps
from tasks.formats.level_masks import masks_of_levels
from tasks.formats.soiling_masks import write_masks
from tasks.training import dirty_gan_training, segmenter_training
from tasks.training.dirty_gan_training import DirtyGanRun, train_dirty_gan
from tests.tasks.trained_here import run_here
from tests.tasks.training.soiling_runs import SHORT, built, small_sets, trained_segmenter, weights_of

CONFIG = DirtyGanConfig(
    generator=GeneratorConfig(filters=2, blocks=1),
    discriminator=DiscriminatorConfig(filters=2, last_stride=1),
    smoothing_px=1,
    **SHORT,
)
RUN = DirtyGanRun(dirty_gan=CONFIG, seed=3, threads=1)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("inputs")
    sets = small_sets(folder)
    with pytest.MonkeyPatch.context() as patch:
        run_here(patch, segmenter_training)
        segmenter = trained_segmenter(sets, folder / "segmenter")
    (folder / "masks").mkdir()
    write_masks(folder / "masks", masks_of_levels(sets["soiled_train"], (32, 32), smoothing_px=2.0))
    names = {"clean": "clean_train", "soiled": "soiled_train", "clean_val": "clean_val"}
    names |= {"soiled_val": "soiled_val"}
    found = {name: sets[f"{place}_small"] for name, place in names.items()}
    return found | {"masks": folder / "masks", "segmenter": segmenter}


def test_the_step_leaves_what_training_on_images_masks_and_m_gives(tmp_path, inputs, monkeypatch):
    run_here(monkeypatch, dirty_gan_training)
    out = built(train_dirty_gan, tmp_path / "out", RUN, **inputs)
    images = {
        name: np.array(read_label_maps(inputs[name]).images)
        for name in ("clean", "soiled", "clean_val", "soiled_val")
    }
    masks = np.load(inputs["masks"] / "masks.npy")
    val_masks = masks_of_levels(inputs["soiled_val"], (32, 32), smoothing_px=1.0)
    splits = DirtySplits(
        train=DirtySets(images["clean"], images["soiled"], masks),
        val=DirtySets(images["clean_val"], images["soiled_val"], val_masks),
    )
    segmenter = load_checkpoint(inputs["segmenter"] / "segmenter.pt", kind="segmenter")
    opacity = load_opacity(segmenter, device="cpu", precision="fp32")
    state = train(CONFIG, splits, opacity, seed=3, resume=None, hooks=Hooks())
    found = weights_of(out, "dirty_gan")
    assert all(np.array_equal(found[name], value) for name, value in state["best"]["network"].items())


def test_a_killed_training_goes_on_to_the_same_weights(tmp_path, inputs, monkeypatch):
    run_here(monkeypatch, dirty_gan_training)
    whole = built(train_dirty_gan, tmp_path / "whole", RUN, **inputs)

    class KilledError(Exception):
        pass

    def kill(done: int, total: int, note: str | None) -> None:
        if done > 2:
            raise KilledError

    def run_training(name, spec, *, threads, processes=1):
        dirty_gan_training._train({**spec, "threads": threads}, kill)

    with monkeypatch.context() as context:
        context.setattr(dirty_gan_training, "run_training", run_training)
        with pytest.raises(KilledError):
            built(train_dirty_gan, tmp_path / "killed", RUN, **inputs)
    scratch = tmp_path / "killed_scratch"
    assert (scratch / "checkpoint.pt").exists()
    train_dirty_gan.build(tmp_path / "killed", RUN, **inputs, scratch=scratch)
    first, second = weights_of(whole, "dirty_gan"), weights_of(tmp_path / "killed", "dirty_gan")
    assert all(np.array_equal(first[name], second[name]) for name in first)
