from flows.prefect_artifacts import list_backgrounds
from tasks.run_context import Outcome


def test_a_background_was_rendered_where_one_of_its_shards_was():
    outcomes = [
        Outcome("background yard", "background", "built"),
        Outcome("render yard 0-9", "scenes", "reused"),
        Outcome("render yard 10-19", "scenes", "built"),
        Outcome("render old hall 0-9", "scenes", "reused"),
    ]
    assert list_backgrounds(outcomes) == {"yard": "rendered", "old hall": "reused"}
