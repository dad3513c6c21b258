import dataclasses
import hashlib
from pathlib import Path

import pytest
from pydantic import BaseModel

from tasks.artifacts.canonical import canonical, digest


class Model(BaseModel):
    size_px: int
    ratio: float


@dataclasses.dataclass
class Record:
    size_px: int
    ratio: float


def test_the_digest_is_the_sha256_of_sorted_compact_json():
    expected = hashlib.sha256(b'{"a":[1,2.5,null],"b":"x"}').hexdigest()
    assert digest({"b": "x", "a": (1, 2.5, None)}) == expected


def test_models_and_dataclasses_of_equal_fields_are_equal():
    assert canonical(Model(size_px=1, ratio=2)) == canonical(Record(1, 2.0)) == {"size_px": 1, "ratio": 2.0}


def test_sets_do_not_depend_on_their_order():
    assert digest({"c", "a", "b"}) == digest({"b", "c", "a"})


@pytest.mark.parametrize(
    "value", [Path("/a"), float("nan"), float("inf"), object(), {1: 2}, lambda: 0, b"bytes"]
)
def test_what_has_no_identity_of_its_own_is_refused(value):
    with pytest.raises(TypeError):
        digest({"x": value})
