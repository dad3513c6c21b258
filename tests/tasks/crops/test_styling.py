import json

import numpy as np
import pytest

from tasks.crops.styling import StylingConfig, style, style_crops
from tasks.crops.textures import draw_texture
from tasks.formats.crops import HEAD, PERSON


def crop_with_person(value: int) -> tuple[np.ndarray, np.ndarray]:
    crop = np.full((32, 32, 3), value, np.uint8)
    is_person = np.zeros((32, 32), bool)
    is_person[8:24, 10:22] = True
    return crop, is_person


def write_crops(folder, values):
    folder.mkdir()
    crops, masks = zip(*(crop_with_person(value) for value in values), strict=True)
    np.save(folder / "crops.npy", np.stack(crops))
    np.save(folder / "regions.npy", np.stack([PERSON * mask + HEAD * (mask & False) for mask in masks]))
    matrix = [[1, 0, 0], [0, 1, 0]]
    records = [
        {"name": f"{number}.png", "image_name": "a.png", "person_id": number, "crop_to_image": matrix}
        for number in range(len(values))
    ]
    (folder / "crops.json").write_text(json.dumps(records))
    return folder


def test_the_background_stays_and_the_person_is_mixed_with_a_texture_in_its_share():
    crop, is_person = crop_with_person(100)
    light = style(crop, is_person, StylingConfig(texture_share=0.25)).astype(float)
    full = style(crop, is_person, StylingConfig(texture_share=1)).astype(float)
    np.testing.assert_array_equal(full[~is_person], 100)
    assert full[is_person].std() > 5
    np.testing.assert_allclose(
        light[is_person] - 100, 0.25 * (full[is_person] - 100), atol=0.5 + 1e-9
    )  # rounding alone


def test_another_seed_and_another_crop_have_other_textures():
    crop, is_person = crop_with_person(100)
    config = StylingConfig(texture_share=1)
    first = style(crop, is_person, config)
    np.testing.assert_array_equal(first, style(crop, is_person, config))
    others = [
        style(crop, is_person, StylingConfig(texture_share=1, seed=1)),
        style(crop_with_person(101)[0], is_person, config),
    ]
    for other in others:
        assert np.abs(first[is_person].astype(int) - other[is_person]).mean() > 10


def test_a_crop_without_a_person_stays_as_it_is():
    crop, is_person = crop_with_person(7)
    np.testing.assert_array_equal(style(crop, is_person & False, StylingConfig()), crop)


def test_the_step_writes_what_reinsertion_takes_and_the_same_bytes_again(tmp_path):
    crops = write_crops(tmp_path / "crops", [50, 60, 70])
    for name in ("first", "again"):
        (tmp_path / name).mkdir()
        style_crops.build(tmp_path / name, StylingConfig(), crops=crops)
    styled = np.load(tmp_path / "first/crops.npy")
    assert styled.shape == (3, 32, 32, 3)
    assert (tmp_path / "first/crops.json").read_text() == (crops / "crops.json").read_text()
    assert sorted(path.name for path in (tmp_path / "first/images").iterdir()) == ["0.png", "1.png", "2.png"]
    for name in ("crops.npy", "images/1.png"):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_people_vary_within_by_the_texture_s_share(tmp_path):
    folder = write_crops(tmp_path / "crops", np.linspace(0, 255, 40).astype(int))
    (tmp_path / "out").mkdir()
    style_crops.build(tmp_path / "out", StylingConfig(), crops=folder)
    is_person = crop_with_person(0)[1]
    people = np.load(tmp_path / "out/crops.npy")[:, is_person].astype(float)
    textures = [draw_texture(32, np.random.default_rng(seed))[is_person] for seed in range(40)]
    expected = 0.7 * np.mean([texture.astype(float).std(axis=0).mean() for texture in textures])
    assert people.std(axis=1).mean() == pytest.approx(expected, rel=0.35) and expected > 15
