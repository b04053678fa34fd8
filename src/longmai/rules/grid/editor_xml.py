"""The border to dmn-js, the editor in the browser: it speaks DMN 1.3, and keeps one note a rule.

What it shows and keeps as the note is the ``description`` of a rule, which other programs of its
makers write, too. Several notes are joined there by bars.
"""

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element as Xml
from xml.etree.ElementTree import ParseError, SubElement, register_namespace, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from longmai.rules.dmn.model import DecisionTable
from longmai.rules.dmn.writing import write_model
from longmai.rules.grid.layout import KINDS, Language
from longmai.rules.grid.models import model_of

_EDITOR_NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"
_NAMESPACE = re.compile(rb"https://www\.omg\.org/spec/DMN/20\d{6}/MODEL/")
_BAR = re.compile(r"\s*(?<!\\)\|\s*")
register_namespace("", _EDITOR_NAMESPACE)


def to_editor(table: DecisionTable, name: str = "") -> str:
    """Return the XML that the editor takes: a model of one decision.

    Args:
        table: of the decision.
        name: of the decision.
    """
    data = _NAMESPACE.sub(_EDITOR_NAMESPACE.encode(), write_model(model_of(table, name)))
    root = fromstring(data, forbid_dtd=True)
    for rule in root.iter(f"{{{_EDITOR_NAMESPACE}}}rule"):
        told = [_text(each) for each in rule if _tag(each) == "annotationEntry"]
        if any(told):
            described = Xml(f"{{{_EDITOR_NAMESPACE}}}description")
            described.text = _joined(told)
            rule.insert(0, described)
    return tostring(root, encoding="unicode")


def with_notes(data: bytes, language: Language = "zh", *, edited: bool = False) -> bytes:
    """Return a model whose rules have their descriptions as annotations.

    Args:
        data: XML of a model; what is none is returned as it is.
        language: of the name of a column that has none.
        edited: whether it comes from the editor, where descriptions are all there is to the notes;
            else only tables without annotations take them.
    """
    if b"rule" not in data or (b"description" not in data and not edited):
        return data
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return data
    for table in [each for each in root.iter() if _tag(each) == "decisionTable"]:
        _adopt(table, language, edited=edited)
    return tostring(root)


def _adopt(table: Xml, language: Language, *, edited: bool) -> None:
    rules = [each for each in table if _tag(each) == "rule"]
    columns = [each for each in table if _tag(each) == "annotation"]
    told = [_described(rule) for rule in rules]
    if (columns and not edited) or not (any(told) or columns):
        return
    namespace = table.tag.rpartition("}")[0] + "}"
    if not columns:
        name = KINDS["note"][("zh", "en").index(language)]
        # Before the rules, as the schema has it.
        table.insert(list(table).index(rules[0]), Xml(f"{namespace}annotation", {"name": name}))
    for rule, text in zip(rules, told, strict=True):
        for old in [each for each in rule if _tag(each) == "annotationEntry"]:
            rule.remove(old)
        for part in _parted(text, max(len(columns), 1)):
            entry = SubElement(rule, f"{namespace}annotationEntry")
            SubElement(entry, f"{namespace}text").text = part


def _described(rule: Xml) -> str:
    return next((each.text or "" for each in rule if _tag(each) == "description"), "").strip()


def _joined(texts: Sequence[str]) -> str:
    if len(texts) == 1:
        return texts[0]
    return " | ".join(text.replace("|", "\\|") for text in texts)


def _parted(text: str, count: int) -> list[str]:
    if count == 1:
        return [text]
    parts = [part.replace("\\|", "|") for part in _BAR.split(text, maxsplit=count - 1)]
    return [*parts, *[""] * (count - len(parts))]


def _tag(node: Xml) -> str:
    return str(node.tag).rpartition("}")[2]


def _text(node: Xml) -> str:
    return next((each.text or "" for each in node if _tag(each) == "text"), "")
