"""Models as files: what is written is read again."""

import pytest
from hypothesis import given, settings
from tests.rules.dmn.trees import models

from longmai.kernel.errors import Invalid
from longmai.rules.dmn.model import Decision, Literal, Model, Variable
from longmai.rules.dmn.reading import read_model
from longmai.rules.dmn.writing import write_model


@given(models())
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_again(model: Model) -> None:
    """The same model, whatever it holds; and the same bytes each time."""
    written = write_model(model)
    assert read_model(written) == model
    assert write_model(read_model(written)) == written


def test_line_ends_and_signs_survive() -> None:
    """Of an expression, too: XML would make others of some of them."""
    text = 'a\r\n\t<b> & "c"\rd'
    model = Model("m", "urn:m", (), [Decision("_d", Variable("d"), [], Literal(text))])
    found = read_model(write_model(model)).elements[0]
    assert isinstance(found, Decision)
    assert isinstance(found.expression, Literal)
    assert found.expression.text == text


def test_what_xml_cannot_hold_is_refused() -> None:
    """A control character, with the text that holds it."""
    model = Model("m", "urn:m", (), [Decision("_d", Variable("d"), [], Literal("a\x00b"))])
    with pytest.raises(Invalid, match="XML"):
        write_model(model)
