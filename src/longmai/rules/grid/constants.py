"""The constants that a column allows, one by one, for lists to choose from."""

from longmai.kernel.errors import Invalid
from longmai.rules.feel.parser import parse_unary_tests
from longmai.rules.feel.printer import print_node
from longmai.rules.feel.tree import Number, Text, Truth


def constants_of(values: str) -> list[str]:
    """Return the constants that unary tests list; none where they are more than that.

    >>> constants_of('"A", "B"'), constants_of("< 3")
    (['"A"', '"B"'], [])
    """
    try:
        tests = parse_unary_tests(values or "-")
    except Invalid:
        return []
    if tests.negated or not all(isinstance(each, Number | Text | Truth) for each in tests.tests):
        return []
    return [print_node(each) for each in tests.tests]
