"""Decision models written by hand, for tests."""

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from longmai.rules.dmn.reading import read_model
from longmai.rules.dmn.running import Engine

MODEL = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def definitions(body: str, version: str = MODEL) -> bytes:
    """Write a model around elements."""
    return (
        f'<definitions xmlns="{version}" name="m" namespace="urn:m">{body}</definitions>'.encode()
    )


def inputs(**types: str) -> str:
    """Write input data."""
    return "".join(
        f'<inputData id="{name}" name="{name}">'
        f'<variable name="{name}" typeRef="{type_}"/></inputData>'
        for name, type_ in types.items()
    )


def decision(name: str, logic: str, *requires: str, type_: str = "Any") -> str:
    """Write a decision."""
    needs = "".join(
        f'<informationRequirement><requiredInput href="#{each}"/></informationRequirement>'
        for each in requires
    )
    variable = f'<variable name="{name}" typeRef="{type_}"/>'
    return f'<decision id="{name}" name="{name}">{variable}{needs}{logic}</decision>'


def literal(text: str) -> str:
    """Write a literal expression."""
    return f"<literalExpression><text>{escape(text)}</text></literalExpression>"


def table(
    policy: str,
    tests: Sequence[str],
    conclusions: Sequence[str],
    values: str = "",
    aggregation: str = "",
) -> str:
    """Write a table of one input ``x`` and one output."""
    rows = "".join(
        f"<rule><inputEntry><text>{escape(test)}</text></inputEntry>"
        f"<outputEntry><text>{escape(conclusion)}</text></outputEntry></rule>"
        for test, conclusion in zip(tests, conclusions, strict=True)
    )
    allowed = f"<outputValues><text>{escape(values)}</text></outputValues>" if values else ""
    more = f" aggregation={quoteattr(aggregation)}" if aggregation else ""
    head = '<input><inputExpression typeRef="number"><text>x</text></inputExpression></input>'
    opening = f"<decisionTable hitPolicy={quoteattr(policy)}{more}>"
    return f"{opening}{head}<output>{allowed}</output>{rows}</decisionTable>"


def engine(body: str) -> Engine:
    """Return the engine of a model."""
    return Engine(read_model(definitions(body)))
