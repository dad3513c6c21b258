from pathlib import Path

import numpy as np

from tasks.datasets.annotations import AnnotatedImage, read_coco, write_coco
from tasks.datasets.gathering import gather_dataset
from tasks.images.files import write_png


def write_shard(folder: Path, background: str, level: int) -> Path:
    image = AnnotatedImage(
        "images/00000.png",
        8,
        6,
        (4.0, 3.0),
        mask_name="masks/00000.png",
        depth_name="depth/00000.png",
        extra={"background": background},
    )
    for name in (image.file_name, *image.maps().values()):
        write_png(folder / name, np.full((6, 8), level, np.uint8))
    write_coco(folder / "annotations.json", [image])
    return folder


def test_images_and_all_their_maps_get_names_of_their_own(tmp_path):
    parts = [write_shard(tmp_path / name, name, level) for level, name in enumerate(("noon", "evening"))]
    (tmp_path / "out").mkdir()
    gather_dataset.build(tmp_path / "out", config=None, parts=parts)
    images = read_coco(tmp_path / "out" / "annotations.json")
    assert [image.maps() for image in images] == [
        {"mask_name": f"masks/{name}_00000.png", "depth_name": f"depth/{name}_00000.png"}
        for name in ("noon", "evening")
    ]
    for image, source in zip(images, parts, strict=True):
        for name in (image.file_name, *image.maps().values()):
            folder = Path(name).parent
            assert (tmp_path / "out" / name).read_bytes() == (source / folder / "00000.png").read_bytes()
