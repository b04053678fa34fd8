"""A query as text: an object of parameters in JSON, or a ``Poll`` in XML (EPCIS 2.0 §11).

>>> read_poll('{"EQ_bizStep": ["shipping"], "eventCountLimit": 5}')
{'EQ_bizStep': ['shipping'], 'eventCountLimit': 5}
"""

from collections.abc import Mapping
from typing import Any

from longmai.domains.brand.model.epcis.json_text import check_size, read_json
from longmai.domains.brand.model.epcis.xml_text import Element, is_xml, read_xml
from longmai.domains.brand.model.query.parameters import QueryFault
from longmai.kernel.errors import Invalid

_EVENTS = "SimpleEventQuery"


def read_poll(text: str | bytes) -> Mapping[str, Any]:
    """Return the parameters of a query.

    Raises:
        Invalid: not JSON or XML, or no query for events.
    """
    check_size(text)
    if is_xml(text):
        return _poll(read_xml(text)[0])
    told = read_json(text)
    if isinstance(told, dict) and isinstance(told.get("query"), dict):
        told = told["query"]
    if not isinstance(told, dict):
        raise QueryFault("a query is an object of parameters", mend='write {"EQ_bizStep": […]}')
    return told


def _poll(root: Element) -> Mapping[str, Any]:
    found = _inside(root, "EPCISBody", "Poll") if root.name != "Poll" else root
    if found is None:
        raise QueryFault("there is no Poll in the document", mend="write <epcisq:Poll>")
    name = _inside(found, "queryName")
    if name is None or name.value != _EVENTS:
        raise QueryFault(
            "the poll does not say which query it is",
            place="queryName",
            value=None if name is None else name.value,
            mend=f"write <queryName>{_EVENTS}</queryName>",
        )
    parameters = _inside(found, "params")
    return dict(_parameter(each) for each in (parameters.children if parameters else ()))


def _parameter(element: Element) -> tuple[str, Any]:
    name, value = _inside(element, "name"), _inside(element, "value")
    if name is None or value is None:
        raise Invalid(
            "a parameter has a name and a value",
            code="epcis.query.parameter",
            place=f"line {element.line}",
        )
    if value.children:
        return name.value, [each.value for each in value.children]
    return name.value, value.value


def _inside(element: Element, *names: str) -> Element | None:
    found: Element | None = element
    for name in names:
        found = next((c for c in found.children if c.name == name), None) if found else None
    return found
