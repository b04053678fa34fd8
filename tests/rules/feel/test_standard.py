"""FEEL by the text of the standard: what each function and construct comes to."""

from pathlib import Path

import pytest

from longmai.kernel.errors import Invalid
from longmai.rules.feel.compiler import evaluate
from longmai.rules.feel.values import text_of

LINES = Path(__file__).with_name("standard.txt").read_text("utf-8").splitlines()
CASES = [line.split(" ==> ") for line in LINES if " ==> " in line and not line.startswith("#")]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_the_standard(text: str, expected: str) -> None:
    """As text, so that kinds, digits and zones count; what is no expression is null or refused."""
    try:
        found = text_of(evaluate(text), inside=True)
    except Invalid:
        assert expected in {"null", "ERR"}
        return
    assert found == text_of(evaluate(expected), inside=True)
