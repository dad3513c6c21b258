import numpy as np
import pytest

from flows.input_checks import check_inputs
from flows.run_config import load_run_config
from tasks.images import read_image, write_png
from tests.flows.tiny_site import write_tiny_site


@pytest.fixture
def site(tmp_path):
    """A run whose clip1 holds a brightened copy of an image of clip0, which goes to another split."""
    path = write_tiny_site(tmp_path)
    brighter = read_image(tmp_path / "real/clip0_000.png").astype(int) + 6
    write_png(tmp_path / "real/clip1_002.png", np.clip(brighter, 0, 255).astype(np.uint8))
    return path


def test_a_leak_between_splits_is_one_warning_with_both_files_and_splits(site, capsys):
    check_inputs(load_run_config(site, []))
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("warning: images of different splits look like copies: clip")
    assert "clip0_000.png (" in line and "clip1_002.png (" in line


def test_a_leak_is_an_error_where_asked_and_nothing_is_said_of_splits_without_any(site, capsys):
    with pytest.raises(ValueError, match=r"leaks is error, and .*clip1_002\.png"):
        check_inputs(load_run_config(site, ["real_images.leaks=error"]))
    check_inputs(load_run_config(write_tiny_site(site.parent), ["real_images.leaks=error"]))
    assert capsys.readouterr().err == ""
