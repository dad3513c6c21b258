"""Commands that are called in this process leave its environment as it was, as in the tests of flows."""

from tests.flows.conftest import environment_as_it_was

__all__ = ["environment_as_it_was"]
