import gc

import pytest

from flows.engine.importing import without_collections


@pytest.fixture(autouse=True)
def as_before():
    yield
    gc.unfreeze()


def test_nothing_is_collected_meanwhile_and_what_was_made_is_left_alone_afterwards():
    with without_collections():
        assert not gc.isenabled()
        made = [[] for _ in range(1000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= len(made)


def test_an_import_that_fails_leaves_collections_on():
    with pytest.raises(ModuleNotFoundError), without_collections():
        raise ModuleNotFoundError
    assert gc.isenabled()
