"""Errors say what, where, which value and what to do; programs get codes."""

import json

import pytest

from longmai.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    InvalidMany,
    LongmaiError,
    NotFound,
    Unavailable,
)


@pytest.mark.parametrize(
    ("kind", "status", "exit_code"),
    [
        (Invalid, 422, 2),
        (NotFound, 404, 3),
        (Conflict, 409, 4),
        (Forbidden, 403, 5),
        (Unavailable, 503, 6),
    ],
)
def test_each_kind_has_its_codes(kind: type[LongmaiError], status: int, exit_code: int) -> None:
    """HTTP status and exit code as the reference says."""
    assert (kind("x").status, kind("x").exit_code) == (status, exit_code)


def test_a_sentence_holds_all_parts() -> None:
    """Place, what, value, mend."""
    error = Invalid("too long", place="row 3", value="abc", mend="shorten it")
    assert str(error) == "row 3: too long (got 'abc'); shorten it"
    assert str(Invalid("zero counts as a value", value=0)).endswith("(got 0)")


def test_a_long_value_is_shortened() -> None:
    """Nobody reads a megabyte in a sentence."""
    error = Invalid("too long", value="x" * 10**6)
    assert len(str(error)) < 200
    assert len(json.dumps(error.as_dict())) < 300


def test_many_findings_are_all_told() -> None:
    """By text and to programs."""
    many = InvalidMany("2 findings", [Invalid("a", place="x"), Invalid("b", place="y")])
    assert [each["place"] for each in many.as_dict()["findings"]] == ["x", "y"]
    assert str(many).splitlines() == ["2 findings", "  x: a", "  y: b"]
