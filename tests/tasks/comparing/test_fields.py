from tasks.comparing.fields import ABSENT, FieldDifference, list_differences


def test_only_fields_that_differ_are_listed_by_their_dotted_names():
    first = {
        "detector": {"steps": 100, "augmentation": {"flip": True}},
        "arms": [["S"]],
        "crops": {"size": 64},
    }
    second = {
        "detector": {"steps": 200, "augmentation": {"flip": True}},
        "arms": [["S"]],
        "crops": {"size": 32},
    }
    assert list_differences(first, second) == [
        FieldDifference("detector.steps", 100, 200),
        FieldDifference("crops.size", 64, 32),
    ]


def test_where_a_run_works_and_what_it_is_called_is_no_difference():
    first = {"name": "a", "store": "x", "output": "x", "compute": {"num_workers": 1}, "site": None}
    second = {"name": "b", "store": "y", "output": "y", "compute": {"num_workers": 2}, "site": None}
    assert list_differences(first, second) == []


def test_a_field_that_one_has_not_and_a_section_against_a_value_are_one_difference_each():
    first = {"crops": {"size": 64}, "site": None}
    second = {"crops": {"size": 64, "margin": 2}, "site": {"name": "office", "cameras": 2}}
    assert list_differences(first, second) == [
        FieldDifference("crops.margin", ABSENT, 2),
        FieldDifference("site", None, {"name": "office", "cameras": 2}),
    ]


def test_a_refiner_that_was_reused_is_one_difference_from_one_that_was_trained():
    first = {"refiner": {"from": "3f9a02c1", "device": "cpu"}}
    second = {"refiner": {"epochs": 2, "batch_size": 1, "device": "cpu"}}
    assert list_differences(first, second) == [
        FieldDifference("refiner", first["refiner"], second["refiner"])
    ]
    assert list_differences(first, {"refiner": {"from": "ffff", "device": "cpu"}}) == [
        FieldDifference("refiner.from", "3f9a02c1", "ffff")
    ]
