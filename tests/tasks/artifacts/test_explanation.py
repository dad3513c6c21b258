from tasks.artifacts.explanation import MOST_TOLD, Explainer
from tasks.artifacts.recipe import Recipe
from tasks.artifacts.store import Store


def recipe(**config):
    return Recipe("refiner", config, {}, (), ())


def build(folder):
    (folder / "a").write_text("x")


def explain(store, wanted):
    return Explainer(store).explain(wanted)


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


def test_of_several_that_are_as_near_the_newest_is_named(tmp_path):
    store = Store(tmp_path)
    for text in ("older", "newer"):
        store.obtain(recipe(name=text, size=1), build)
    assert explain(store, recipe(name="wanted", size=1)) == ['config.name: "newer" -> "wanted"']


def test_a_field_that_only_others_have_counts_as_one_that_differs(tmp_path):
    store = Store(tmp_path)
    store.obtain(recipe(a=1, b=1), build)
    store.obtain(recipe(a=1, c=1, d=1, e=1), build)
    assert explain(store, recipe(a=1)) == ["config.b: 1 -> absent"]


def test_one_explainer_reads_the_store_once_for_all_that_is_asked(tmp_path):
    class CountingStore(Store):
        num_readings = 0

        def manifests(self):
            self.num_readings += 1
            return super().manifests()

    store = CountingStore(tmp_path)
    store.obtain(recipe(n=0), build)
    explainer = Explainer(store)
    told = [explainer.explain(recipe(n=number)) for number in (1, 2, 3)]
    assert told == [[f"config.n: 0 -> {number}"] for number in (1, 2, 3)] and store.num_readings == 1
