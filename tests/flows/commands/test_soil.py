"""`python -m flows soil`: soiled images in seconds."""

import json

import numpy as np
import pytest
import yaml

from flows.commands.command_line import USER_ERROR, main
from flows.commands.soil import SoilChoice, dirty_config
from tasks.images.files import write_png
from tests.tasks.soiling.test_dirty_set import grey, pixels, write_people

SITE = {
    "name": "yard",
    "cameras": {
        "eye": {
            "lens": {
                "model": "fisheye_equidistant",
                "fov_deg": 180,
                "circle_px": {"cx": 80, "cy": 60, "radius": 40},
            },
            "height_m": 3,
            "floor": {"radius_m": 3},
        },
        "pole": {
            "lens": {"model": "perspective", "hfov_deg": 90},
            "height_m": 3,
            "tilt_deg": 40,
            "floor": {"radius_m": 3},
        },
    },
    "backgrounds": [{"image": "empty.jpg", "camera": "eye"}],
}


@pytest.fixture
def place(tmp_path):
    for number in range(2):
        write_png(tmp_path / f"photos/{number}.png", pixels(number))
    (tmp_path / "site.yaml").write_text(yaml.safe_dump(SITE))
    return tmp_path


def soil(place, *more: str, images: str = "photos", to: str = "out") -> int:
    return main(["soil", str(place / images), "--to", str(place / to), *more])


def test_photos_become_soiled_images_with_masks(place, capsys):
    assert soil(place, "--kind", "mud,drops:2", "--amount", "0.4", "--seed", "5", "--variants", "2") == 0
    assert "4 soiled images of 2" in capsys.readouterr().out
    card = json.loads((place / "out/card.json").read_text())
    assert card["settings"]["soiling"]["kinds"] == {"mud": 1.0, "drops": 2.0}
    assert (card["settings"]["seed"], card["settings"]["variants"]) == (5, 2)
    amounts = [np.mean(grey(place / f"out/alpha/{name}.png") > 0.02 * 65535) for name in ("0_v0", "1_v1")]
    assert amounts == pytest.approx([0.4, 0.4], abs=0.05)


def test_kinds_alone_are_enough(place):
    assert soil(place, "--kind", "mud,drops") == 0
    assert (place / "out/rgbImages/0.png").exists()


def test_only_images_of_the_named_splits_are_soiled(place, capsys):
    write_people(place / "people")
    assert soil(place, "--kind", "mud", "--splits", "val,test", images="people") == 0
    assert [grey(place / f"out/alpha/{name}.png").any() for name in ("train", "test")] == [False, True]
    assert soil(place, "--splits", "tset", images="people", to="typo") == USER_ERROR
    assert "splits.0" in capsys.readouterr().err


def test_a_setting_reaches_the_pattern(place):
    assert soil(place, "--set", "soiling.pane.aperture_mm=0", to="sharp") == 0
    assert soil(place, "--set", "soiling.pane.aperture_mm=3", to="blurred") == 0
    steps = [
        np.abs(np.diff(grey(place / f"{name}/alpha/0.png").astype(int))).max()
        for name in ("sharp", "blurred")
    ]
    assert steps[0] > 3 * steps[1]


def test_a_site_s_camera_brings_its_lens(place):
    site = str(place / "site.yaml")
    assert soil(place, "--kind", "drops:2,dust:1", "--site", site, "--camera", "eye", "--variants", "3") == 0
    y, x = np.mgrid[:120, :160] + 0.5
    assert not grey(place / "out/alpha/0_v2.png")[np.hypot(x - 80, y - 60) > 40].any()


def test_the_camera_that_coco_says_is_taken(place):
    images = [{"id": k, "file_name": f"{k}.png", "camera": name} for k, name in enumerate(("pole", "eye"))]
    boxes = [{"id": 1, "image_id": 0, "category_id": 1, "bbox": [1, 2, 30, 40]}]
    (place / "photos/coco.json").write_text(json.dumps({"images": images, "annotations": boxes}))
    assert soil(place, "--site", str(place / "site.yaml"), "--amount", "0.5") == 0
    y, x = np.mgrid[:120, :160] + 0.5
    outside = np.hypot(x - 80, y - 60) > 40
    found = [grey(place / f"out/alpha/{k}.png")[outside].any() for k in (0, 1)]
    assert found == [True, False]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            ("--kind", "sand"),
            "--kind is 'sand', but each of mud, dust, film, scratches, drops, frost may be named once",
        ),
        (("--kind", "mud,mud"), "--kind is 'mud,mud'"),
        (("--kind", "mud:x"), "--kind is 'mud:x'"),
        (("--kind", "mud:0"), "kinds must have shares >= 0, one of them > 0"),
        (("--amount", "1.5"), "soiling.amount: Input should be less than or equal to 0.95, but was 1.5"),
        (("--variants", "0"), "variants"),
        (("--seed", "-1"), "seed"),
        (("--set", "soiling.pane.aperture=1"), "soiling.pane.aperture is not a known field"),
        (("--camera", "eye"), "--camera is eye, but of which site?"),
        (("--site", "nowhere.yaml"), "there is no site file nowhere.yaml"),
    ],
)
def test_mistakes_are_answered_in_a_line(place, more, words, capsys):
    assert soil(place, *more) == USER_ERROR
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert words in error
    assert not (place / "out").exists()


def test_cameras_that_nothing_tells_apart_are_asked_for(place, capsys):
    assert soil(place, "--site", str(place / "site.yaml")) == USER_ERROR
    assert "has the cameras eye, pole, but 0.png is of none that is said; name one" in capsys.readouterr().err


def test_no_images_and_full_folders_are_refused(place, capsys):
    assert soil(place, images="nothing") == USER_ERROR
    assert "there is no image and no folder" in capsys.readouterr().err
    assert soil(place, images="site.yaml") == USER_ERROR
    assert "is no image by its ending" in capsys.readouterr().err
    (place / "empty").mkdir()
    assert soil(place, images="empty") == USER_ERROR
    assert "in which there are no images" in capsys.readouterr().err
    assert soil(place, to="photos") == USER_ERROR
    assert "which is not an empty folder" in capsys.readouterr().err


def test_label_maps_without_a_table_ask_for_the_command_s_own_option(place, capsys):
    write_png(place / "photos/labels/0.png", np.zeros((120, 160), np.uint8))
    assert soil(place) == USER_ERROR
    assert "name a class table as --classes" in capsys.readouterr().err
    assert soil(place, "--classes", "camvid11", "--seed", "7", "--set", "soiling.pane.aperture_mm=1") == 0
    assert (place / "out/labels/0.png").exists()


def test_kinds_without_shares_are_equal():
    assert dirty_config(SoilChoice(kind="mud, drops")).soiling.kinds == {"mud": 1.0, "drops": 1.0}
