from tasks.artifacts.lineage import ancestors, library_versions
from tasks.artifacts.recipe import Recipe
from tasks.artifacts.store import Store


def test_each_source_is_found_once_and_what_was_collected_is_left_out(tmp_path):
    store = Store(tmp_path / "store")

    def obtain(kind, inputs, libraries=()):
        recipe = Recipe(kind, {}, inputs, (), libraries)
        return store.obtain(recipe, lambda out: (out / "a").write_text(kind)).ref

    photo = obtain("background", {}, ("pillow",))
    scenes = obtain("scenes", {"background": photo}, ("numpy",))
    crops = obtain("crops", {"images": (scenes,), "again": photo})
    found = ancestors(store, [crops, scenes])
    assert [manifest.kind for manifest in found] == ["crops", "scenes", "background"]
    assert library_versions(found).keys() == {"numpy", "pillow"}
    assert all(len(versions) == 1 for versions in library_versions(found).values())
    next((store.root / "manifests").glob(f"*/{scenes.key}.json")).unlink()
    assert [manifest.kind for manifest in ancestors(store, [crops])] == ["crops", "background"]
