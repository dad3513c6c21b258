from tasks.artifacts.explanation import MOST_TOLD, explain
from tasks.artifacts.recipe import Recipe
from tasks.artifacts.store import Store


def recipe(**config):
    return Recipe("refiner", config, {}, (), ())


def build(folder):
    (folder / "a").write_text("x")


def test_it_names_the_one_field_that_differs_from_the_nearest_artifact(tmp_path):
    store = Store(tmp_path)
    store.obtain(recipe(weights={"cycle": 10.0, "identity": 0.0}, epochs=5), build)
    store.obtain(recipe(weights={"cycle": 1.0, "identity": 1.0}, epochs=9), build)
    wanted = recipe(weights={"cycle": 10.0, "identity": 5.0}, epochs=5)
    assert explain(store, wanted) == ["config.weights.identity: 0.0 -> 5.0"]


def test_a_hit_needs_no_reason_and_an_empty_store_never_built(tmp_path):
    store = Store(tmp_path)
    assert explain(store, recipe(n=1)) == ["never built"]
    store.obtain(recipe(n=1), build)
    assert explain(store, recipe(n=1)) == []


def test_lists_are_compared_item_by_item(tmp_path):
    store = Store(tmp_path)
    store.obtain(recipe(sources=["a" * 64, "b" * 64]), build)
    (difference,) = explain(store, recipe(sources=["a" * 64, "c" * 64]))
    assert difference.startswith("config.sources[1]: ")


def test_of_many_differences_the_first_are_told_and_the_rest_counted(tmp_path):
    store = Store(tmp_path)
    store.obtain(recipe(**{f"field_{number:02d}": 0 for number in range(20)}), build)
    told = explain(store, recipe(**{f"field_{number:02d}": 1 for number in range(20)}))
    assert told[0] == "config.field_00: 0 -> 1" and len(told) == MOST_TOLD + 1
    assert told[-1] == "and 12 more fields"


def test_damage_is_a_reason(tmp_path):
    store = Store(tmp_path)
    ref = store.obtain(recipe(n=1), build).ref
    (store.folder(ref) / "a").unlink()
    assert explain(store, recipe(n=1)) == ["was built, but its files are damaged or missing"]
