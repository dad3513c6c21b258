import os

import pytest

from tasks.artifacts.opening import StorePlace


def test_a_store_is_made_where_nothing_is_and_opened_where_it_is(tmp_path):
    for folder in ("new", "empty"):
        place = StorePlace(str(tmp_path / folder))
        (tmp_path / "empty").mkdir(exist_ok=True)
        assert not place.exists()
        place.open()
        assert place.exists() and place.open_existing().is_reachable()


def test_a_store_that_another_process_is_making_is_opened(tmp_path):
    for name in ("manifests", "objects", "prefect", "lost+found"):
        (tmp_path / name).mkdir()
    (tmp_path / ".layout.0123").touch()
    assert StorePlace(str(tmp_path)).open().is_reachable()


@pytest.mark.parametrize("field", ["store", "store_cache"])
def test_a_folder_of_other_things_does_not_become_a_store(tmp_path, field):
    (tmp_path / "guide.md").write_text("words")
    for taken in (tmp_path, tmp_path / "guide.md"):
        shared = f"file://{tmp_path}/shared"
        place = StorePlace(str(taken)) if field == "store" else StorePlace(shared, str(taken))
        with pytest.raises(
            ValueError, match=f"^{field} is .* is no store and not empty; give a store's folder"
        ):
            place.open()
        with pytest.raises(ValueError, match="is no store and not empty"):
            place.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["guide.md"]


def test_a_url_without_a_bucket_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="store is 's3://', which names no bucket"):
        StorePlace("s3://").open()
    assert not list(tmp_path.iterdir())


def test_a_store_that_cannot_be_made_is_one_clear_line(tmp_path):
    (tmp_path / "guide.md").write_text("words")
    place = StorePlace(str(tmp_path / "guide.md" / "store"))
    with pytest.raises(
        ValueError, match=r"the store .*guide.md/store cannot be written \(Not a directory\): mount it"
    ):
        place.open_to_build()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_store_that_is_read_only_is_read_and_not_built_in(tmp_path):
    place = StorePlace(str(tmp_path / "store"))
    place.open_to_build()
    folders = [path for path in (tmp_path / "store").iterdir() if path.is_dir()]
    for folder in folders:
        folder.chmod(0o555)
    assert list(place.open().manifests()) == []
    with pytest.raises(ValueError, match=r"cannot be written \(it is read-only for this account\)"):
        place.open_to_build()
    for folder in folders:
        folder.chmod(0o755)
