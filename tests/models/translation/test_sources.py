import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models.translation.sources import ArraySource, FileSource

ROOT = Path(__file__).parents[3]
# 40,000 photos of 512 x 256 px, 15.7 GB, of which only the file's header takes room on the disk.
SHAPE = (40_000, 256, 512, 3)
STREAM = """
import re, sys
from pathlib import Path
import numpy as np
import torch
from models.translation.batches import draw_batch
from models.translation.domains import Domain, Domains
from models.translation.families.cyclegan_config import CycleganConfig
from models.translation.families.family import Needs
from models.translation.loading import load_domains
from models.translation.sources import FileSource

day = Domain(name="day", channels=3, height=256, width=512, images=FileSource([sys.argv[1]]))
config = CycleganConfig(batch_size=8)
loaded = load_domains(Domains(day, day), config, Needs(), torch.device("cpu"))
for step in range(3):
    batch = draw_batch(loaded, config, seed=0, step=step)
rng = np.random.default_rng(0)
for _ in range(800):
    day.images.read(rng.integers(0, len(day.images), 8))
# Not getrusage, which counts what the process that started this one had.
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(tuple(batch["real_a"].shape), peak.group(1))
"""


def images(count: int, *, first: int = 0, dtype: type = np.uint8) -> np.ndarray:
    """Images of one value each: first, first + 1 ..."""
    return (
        np.zeros((count, 4, 8, 2), dtype) + np.arange(first, first + count, dtype=dtype)[:, None, None, None]
    )


def save(folder: Path, name: str, array: np.ndarray) -> Path:
    np.save(folder / name, array)
    return folder / name


def test_files_are_read_as_one_row_in_the_order_that_is_asked_for(tmp_path):
    paths = [
        save(tmp_path, f"{first}.npy", images(count, first=first))
        for first, count in ((0, 3), (3, 1), (4, 4))
    ]
    source = FileSource(paths)
    assert len(source) == 8
    found = source.read(np.array([7, 0, 3, 2, 4, 0]))
    assert found.shape == (6, 4, 8, 2) and found.dtype == np.uint8
    assert found[:, 0, 0, 0].tolist() == [7, 0, 3, 2, 4, 0]


def test_an_array_is_read_as_the_same_array_in_a_file(tmp_path):
    array = np.random.default_rng(0).normal(size=(5, 4, 8, 20)).astype(np.float16)
    indices = np.array([4, 1])
    for source in (ArraySource(array), FileSource([save(tmp_path, "a.npy", array)])):
        assert len(source) == 5
        np.testing.assert_array_equal(source.read(indices), array[indices])


def test_files_that_do_not_belong_together_are_refused(tmp_path):
    whole, other = save(tmp_path, "a.npy", images(2)), save(tmp_path, "b.npy", images(2, dtype=np.float16))
    with pytest.raises(ValueError, match=r"b\.npy holds float16 \[4, 8, 2\], but .*a\.npy uint8 \[4, 8, 2\]"):
        FileSource([whole, other])
    with pytest.raises(ValueError, match="There is no file of images"):
        FileSource([])
    np.save(tmp_path / "d.npy", np.asfortranarray(images(2)))
    with pytest.raises(ValueError, match=r"d\.npy is in Fortran order"):
        FileSource([tmp_path / "d.npy"])
    (tmp_path / "c.npy").write_bytes(b"no array")
    with pytest.raises(ValueError, match=r"c\.npy is no \.npy file of an array"):
        FileSource([tmp_path / "c.npy"])


def test_a_file_that_was_cut_since_it_was_opened_is_refused(tmp_path):
    path = save(tmp_path, "a.npy", images(3))
    source = FileSource([path])
    path.write_bytes(path.read_bytes()[:-1])
    assert source.read(np.array([1]))[0, 0, 0, 0] == 1
    with pytest.raises(ValueError, match=r"a\.npy ends in image 2; write it again"):
        source.read(np.array([2]))


def test_forty_thousand_photos_are_drawn_from_in_two_gibibytes(tmp_path):
    path = tmp_path / "photos.npy"
    np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=SHAPE).flush()
    assert path.stat().st_size > 15.7e9
    done = subprocess.run(
        [sys.executable, "-c", STREAM, str(path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    shape, kibibytes = done.stdout.rsplit(" ", 1)
    assert shape == "(8, 3, 256, 512)"
    # 2.5 GB of this file were read.
    assert int(kibibytes) * 1024 < 2 * 2**30
