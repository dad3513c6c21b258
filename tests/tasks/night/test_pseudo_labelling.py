import numpy as np

from models.training.checkpoints import save_checkpoint
from tasks.formats.label_maps import read_label_maps
from tasks.night.pseudo_labelling import PseudoLabelConfig, pseudo_label_images
from tests.models.segmentation.test_applying import make_state
from tests.tasks.night.sets import write_set


def test_images_get_labels_where_the_segmenter_is_sure_and_keep_their_records(tmp_path):
    (tmp_path / "segmenter").mkdir()
    save_checkpoint(tmp_path / "segmenter/segmenter.pt", make_state())
    images = write_set(tmp_path / "images", (20, 90, 200))
    found = {}
    for least in (0.0, 1.0):
        (out := tmp_path / f"{least}").mkdir()
        config = PseudoLabelConfig(
            least_confidence=least, kept_share=1, batch_size=2, precision="fp32", device="cpu"
        )
        pseudo_label_images.build(out, config=config, segmenter=tmp_path / "segmenter", images=images)
        found[least] = read_label_maps(out)
    assert found[0.0].records == read_label_maps(images).records
    np.testing.assert_array_equal(found[0.0].images, read_label_maps(images).images)
    assert found[0.0].labels.max() < 3 and (found[1.0].labels == 255).all()
    assert found[0.0].table is not None and found[0.0].table.num_classes == 3
