"""Unified social credit codes: their check digit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longmai.kernel.credit_code import require_uscc, uscc_check
from longmai.kernel.errors import Invalid


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17), st.integers(0, 17))
def test_a_changed_sign_of_a_code_is_seen(first: str, place: int) -> None:
    """The check digit of GB 32100 catches every single change."""
    code = first + uscc_check(first)
    assert require_uscc(code.lower()) == code
    other = "1" if code[place] != "1" else "2"
    with pytest.raises(Invalid):
        require_uscc(code[:place] + other + code[place + 1 :])


def test_a_published_code_passes() -> None:
    """The example of GB 32100-2015, annex."""
    assert require_uscc("91350100M000100Y43") == "91350100M000100Y43"
