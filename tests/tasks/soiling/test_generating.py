"""Whole chains of tiny trained networks: from annotated soiling over masks to soiled images."""

import json

import numpy as np
import pytest

from blender_assets.soiling.levels import levels_of
from models.soiling.dirty_gan.config import DirtyGanConfig
from models.soiling.mask_vae.config import MaskVaeConfig
from models.soiling.super_resolution.config import SuperResolutionConfig
from models.translation.families.cyclegan_config import CycleganConfig
from models.translation.networks.configs import DiscriminatorConfig, GeneratorConfig
from tasks.artifacts.recipe import SourceFiles
from tasks.formats.label_maps import read_label_maps
from tasks.formats.soiling_masks import read_masks, write_masks
from tasks.images.files import read_image, read_mask
from tasks.soiling.generating import (
    BaselineSoilingConfig,
    DirtyGanSoilingConfig,
    soil_by_baseline,
    soil_by_dirty_gan,
)
from tasks.soiling.learned_masks import MaskDrawingConfig, MaskWalkConfig, draw_masks, walk_masks
from tasks.training import (
    dirty_gan_training,
    mask_vae_training,
    segmenter_training,
    super_resolution_training,
    translator_training,
)
from tasks.training.translator_runs import RefinerRun
from tests.tasks.trained_here import run_here
from tests.tasks.training.soiling_runs import SHORT, built, small_sets, trained_segmenter

GENERATOR, JUDGE = GeneratorConfig(filters=2, blocks=1), DiscriminatorConfig(filters=2, last_stride=1)
RUN = {"seed": 0, "threads": 1}
# Masks [3, 32, 32] of a band each, 8 pixels wide, that hides all.
BANDS = np.zeros((3, 32, 32), np.float32)
for number in range(3):
    BANDS[number, :, 8 * number : 8 * number + 8] = 1
VAE = MaskVaeConfig(
    size_px=32, codes=4, filters=4, **SHORT | {"steps": 100, "eval_every_steps": 50, "learning_rate": 0.01}
)
ENLARGER = SuperResolutionConfig(filters=2, blocks=1, crop_px=32, **SHORT)
GAN = DirtyGanConfig(generator=GENERATOR, discriminator=JUDGE, smoothing_px=1, **SHORT)
CYCLEGAN = CycleganConfig(
    generator=GENERATOR, discriminator=JUDGE, epochs=None, steps=2, batch_size=1, device="cpu"
)


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """Folders of sets, networks, masks and soiled images by name."""
    root = tmp_path_factory.mktemp("chain")
    with pytest.MonkeyPatch.context() as patch:
        for module in (
            dirty_gan_training,
            mask_vae_training,
            segmenter_training,
            super_resolution_training,
            translator_training,
        ):
            run_here(patch, module)
        made = small_sets(root)
        made["segmenter"] = trained_segmenter(made, root / "segmenter")
        _train_masks(made, root)
        _train_soilers(made, root)
    enlarger = {"super_resolution": made["enlarger"], "images": made["clean_train"]}
    made["by_gan"] = built(
        soil_by_dirty_gan,
        root / "by_gan",
        DirtyGanSoilingConfig(seed=1, batch_size=3),
        masks=made["bands"],
        dirty_gan=made["gan"],
        **enlarger,
    )
    made["by_baseline"] = built(
        soil_by_baseline,
        root / "by_baseline",
        BaselineSoilingConfig(smoothing_px=1, batch_size=3),
        translator=made["translator"],
        segmenter=made["segmenter"],
        **enlarger,
    )
    return made


def _train_masks(made, root):
    run = mask_vae_training.MaskVaeRun(mask_vae=VAE, smoothing_px=1.0, **RUN)
    places = {"train": made["soiled_train"], "val": made["soiled_val"]}
    places |= {"further_train": [], "further_val": []}
    vae = made["vae"] = built(mask_vae_training.train_mask_vae, root / "vae", run, **places)
    places = {"mask_vae": vae, "annotated": made["soiled_train"], "further": []}
    drawing = MaskDrawingConfig(count=3, smoothing_px=1)
    made["masks"] = built(draw_masks, root / "masks", drawing, **places)
    made["bands"] = root / "bands"
    made["bands"].mkdir()
    write_masks(made["bands"], BANDS)
    walking = MaskWalkConfig(stops=3, frames_between=4, smoothing_px=1)
    made["walk"] = built(walk_masks, root / "walk", walking, **places)


def _train_soilers(made, root):
    run = super_resolution_training.SuperResolutionRun(super_resolution=ENLARGER, **RUN)
    places = {"train": made["clean_train"], "val": made["clean_val"]}
    enlarging = super_resolution_training.train_super_resolution
    made["enlarger"] = built(enlarging, root / "enlarger", run, **places)
    places = {"source": [made["clean_train_small"]], "target": [made["soiled_train_small"]]}
    translating = RefinerRun(refiner=CYCLEGAN, **RUN)
    training = translator_training.train_translator
    made["translator"] = built(training, root / "translator", translating, weights=SourceFiles({}), **places)
    places = {
        name: made[f"{place}_small"]
        for name, place in (
            ("clean", "clean_train"),
            ("soiled", "soiled_train"),
            ("clean_val", "clean_val"),
            ("soiled_val", "soiled_val"),
        )
    }
    places |= {"masks": made["bands"], "segmenter": made["segmenter"]}
    confined = dirty_gan_training.DirtyGanRun(dirty_gan=GAN, **RUN)
    made["gan"] = built(dirty_gan_training.train_dirty_gan, root / "gan", confined, **places)


def test_dirty_gan_leaves_pixels_without_mask_as_they_are_and_soils_the_others(chain):
    clean, soiled = read_label_maps(chain["clean_train"]), read_label_maps(chain["by_gan"])
    masks = np.asarray(read_masks(chain["by_gan"]))
    is_free = masks == 0
    assert 0.6 < is_free.mean() < 0.75, "but for the band and its edges"
    assert np.array_equal(clean.images[is_free], soiled.images[is_free])
    assert (clean.images != soiled.images).any(axis=-1)[masks > 0.5].mean() > 0.9
    assert all(np.array_equal(soiled.labels[n], levels_of(masks[n])) for n in range(4))


def test_each_image_has_one_of_the_masks_enlarged(chain):
    laid = np.asarray(read_masks(chain["by_gan"]))
    inside = laid[:, :, 16::32][:, 0, :3]  # in the middle of each band
    assert sorted(inside.argmax(axis=1).tolist()) in ([0, 0, 1, 2], [0, 1, 1, 2], [0, 1, 2, 2])
    assert np.array_equal(inside.max(axis=1), np.ones(4))


def test_the_baseline_changes_pixels_all_over_the_image(chain):
    clean, soiled = read_label_maps(chain["clean_train"]), read_label_maps(chain["by_baseline"])
    masks = np.asarray(read_masks(chain["by_baseline"]))
    assert masks.min() > 0, "M is nowhere quite sure"
    assert (clean.images != soiled.images).any(axis=-1).mean() > 0.5
    assert all(np.array_equal(soiled.labels[n], levels_of(masks[n])) for n in range(4))
    assert [record.name for record in soiled.records][:1] == ["train/0_baseline.png"]


def test_drawn_masks_come_with_how_new_they_are(chain):
    masks = read_masks(chain["masks"])
    assert masks.shape == (3, 32, 32) and masks.dtype == np.float32
    figures = json.loads((chain["masks"] / "figures.json").read_text())
    assert figures["soiled_share"] == pytest.approx(float((np.asarray(masks) >= 0.5).mean()))
    assert 0 <= figures["new_share"] <= 1


def test_a_walk_goes_through_further_known_masks_too(chain, tmp_path):
    known = tmp_path / "known"
    known.mkdir()
    write_masks(known, BANDS)
    whole = {"mask_vae": chain["vae"], "annotated": chain["soiled_train"]}
    walking = MaskWalkConfig(stops=7, frames_between=1, smoothing_px=1)
    walked = read_masks(built(walk_masks, tmp_path / "walk", walking, **whole, further=[known]))
    assert len(walked) == 4 + 3, "each known mask is a stop"


def test_a_walk_is_frames_a_gif_and_a_video_of_the_same_masks(chain):
    import cv2
    from PIL import Image

    folder = chain["walk"]
    masks = np.asarray(read_masks(folder))
    assert masks.shape == (12, 32, 32)
    frames = sorted((folder / "frames").iterdir())
    assert len(frames) == 12
    assert np.array_equal(read_mask(frames[5]), np.rint(masks[5] * 255).astype(np.uint8))
    with Image.open(folder / "walk.gif") as gif:
        assert 6 <= gif.n_frames <= 12 and gif.size == (32, 32), "alike frames are one"
    video = cv2.VideoCapture(str(folder / "walk.mp4"))
    assert int(video.get(cv2.CAP_PROP_FRAME_COUNT)) == 12
    assert read_image(frames[0]).shape == (32, 32, 3)


def test_too_few_masks_for_a_walk_are_refused(chain, tmp_path):
    with pytest.raises(ValueError, match="a walk of 5 stops needs as many masks, but 4 are annotated"):
        built(
            walk_masks,
            tmp_path / "out",
            MaskWalkConfig(stops=5),
            mask_vae=chain["vae"],
            annotated=chain["soiled_train"],
            further=[],
        )
