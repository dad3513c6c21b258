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
