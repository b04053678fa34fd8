"""Canonical JSON: our fast way writes what RFC 8785's own library writes."""

import json
import math

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from longmai.kernel.errors import Invalid
from longmai.ledger.canonical import canonical

TEXT = st.text(st.characters(codec="utf-8"))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
)


@given(VALUES)
def test_the_text_is_that_of_rfc_8785(value: object) -> None:
    """Whichever way a value takes, the bytes are those of the reference library."""
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type] # JSON values


@given(VALUES)
def test_canonical_text_reads_back(value: object) -> None:
    """Canonical text is JSON of the same value, and canonical again."""
    # RFC 8785 knows one kind of number, the IEEE 754 double.
    assert canonical(json.loads(canonical(value), parse_int=float)) == canonical(value)


@pytest.mark.parametrize("value", [math.nan, math.inf, 2**53, "\ud800", {1: "a"}, object()])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    """NaN, large integers, broken characters and odd keys are refused in words."""
    with pytest.raises(Invalid, match="no canonical JSON form"):
        canonical({"value": value} if not isinstance(value, dict) else value)
