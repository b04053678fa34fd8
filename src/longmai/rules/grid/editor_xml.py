"""The border to dmn-js, the editor in the browser: it speaks DMN 1.3, and keeps one note a rule.

What it shows and keeps as the note is the ``description`` of a rule; other programs of its makers
do so, too. Several notes are joined there by bars.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from xml.etree.ElementTree import tostring

from defusedxml.ElementTree import fromstring

from longmai.rules.dmn.model import DecisionTable, Rule
from longmai.rules.dmn.writing import write_model
from longmai.rules.grid.layout import KINDS, Language
from longmai.rules.grid.models import model_of

_EDITOR_NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"
_NAMESPACE = re.compile(r"https://www\.omg\.org/spec/DMN/20\d{6}/MODEL/")
_BAR = re.compile(r"(?<!\\)\|")
# Parts of a table that the editor finds by their ids.
_WITH_IDS = (
    "decisionTable",
    "input",
    "inputExpression",
    "output",
    "rule",
    "inputEntry",
    "outputEntry",
)


def to_editor(table: DecisionTable, name: str = "") -> str:
    """Return the XML that the editor takes: a model of one decision.

    Args:
        table: of the decision.
        name: of the decision.

    Raises:
        Invalid: a text holds a character that XML cannot.
    """
    # A label would be shown for the expression, and a grid has none.
    shown = replace(
        with_descriptions(table),
        inputs=[replace(each, label="") for each in table.inputs],
        outputs=[replace(each, label="") for each in table.outputs],
    )
    root = fromstring(write_model(model_of(shown, name)), forbid_dtd=True)
    taken = {node.get("id") for node in root.iter()}
    for number, node in enumerate(root.iter(), 1):
        tag = str(node.tag).rpartition("}")[2]
        own = f"{tag}_{number}"
        if tag in _WITH_IDS and not node.get("id") and own not in taken:
            node.set("id", own)
    return _NAMESPACE.sub(_EDITOR_NAMESPACE, tostring(root, encoding="unicode"))


def with_descriptions(table: DecisionTable) -> DecisionTable:
    """Return a table whose rules have their annotations as description, too."""
    rules = [
        replace(rule, description=_joined(rule.annotations)) if any(rule.annotations) else rule
        for rule in table.rules
    ]
    return replace(table, rules=rules)


def with_annotations(
    table: DecisionTable, language: Language = "zh", *, edited: bool = False
) -> DecisionTable:
    """Return a table whose rules have their descriptions as annotations alone.

    Args:
        table: as it was read.
        language: of the name of a column that has none.
        edited: whether it comes from the editor, where descriptions are all there is of
            notes; else only a table without annotations takes it.
    """
    described = any(rule.description for rule in table.rules)
    names = list(table.annotations)
    if not names and described:
        names = [KINDS["note"][("zh", "en").index(language)]]
    elif not edited:
        return replace(table, rules=[replace(rule, description="") for rule in table.rules])
    return replace(
        table, annotations=names, rules=[_annotated(rule, len(names)) for rule in table.rules]
    )


def _annotated(rule: Rule, count: int) -> Rule:
    return replace(rule, description="", annotations=_parted(rule.description, count))


def _joined(texts: Sequence[str]) -> str:
    if len(texts) == 1:
        return texts[0]
    return " | ".join(text.replace("|", "\\|") for text in texts)


def _parted(text: str, count: int) -> list[str]:
    if count <= 1:
        return [text] * count
    parts = [part.strip().replace("\\|", "|") for part in _BAR.split(text, maxsplit=count - 1)]
    return [*parts, *[""] * (count - len(parts))]
