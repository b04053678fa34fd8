"""What the fields of an event must say together (EPCIS 2.0 §7.4.2 to §7.4.6)."""

from collections.abc import Mapping
from typing import Any

from longmai.domains.brand.model.epcis.check import Reading


def check_event_rules(reading: Reading, event: Mapping[str, Any], place: str) -> None:
    """Check the rules of the event's type over all its fields."""
    rule = _RULES.get(event.get("type", ""))
    if rule:
        rule(reading, event, place)


def _at(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _about_something(
    reading: Reading, event: Mapping[str, Any], place: str, fields: tuple[str, ...], what: str
) -> None:
    if any(event.get(name) for name in fields):
        return
    reading.findings.add(
        _at(place, fields[0]),
        f"the event does not say {what}",
        code="identifiers",
        mend=f"fill {' or '.join(fields)}",
    )


def _object(reading: Reading, event: Mapping[str, Any], place: str) -> None:
    things = ("epcList", "quantityList")
    # A sensor may report on a place alone (§7.4.2: sensorElementList with a read point).
    senses = event.get("sensorElementList") and ("readPoint" in event or "epcList" in event)
    if not senses:
        _about_something(reading, event, place, things, "which things it is about")
    if "ilmd" in event and event.get("action") in ("OBSERVE", "DELETE"):
        reading.findings.add(
            _at(place, "ilmd"),
            "only an ADD begins a thing's life, and carries master data of it",
            code="ilmd",
            mend="leave ilmd out, or write action ADD",
        )


def _aggregation(reading: Reading, event: Mapping[str, Any], place: str) -> None:
    action = event.get("action")
    if action in ("ADD", "DELETE") and "parentID" not in event:
        reading.findings.add(
            _at(place, "parentID"),
            f"an aggregation with action {action} needs its parent",
            code="missing",
            mend="add parentID",
        )
    _children(reading, event, place)


def _children(reading: Reading, event: Mapping[str, Any], place: str) -> None:
    if event.get("action") != "DELETE":  # a DELETE without children means all of them
        children = ("childEPCs", "childQuantityList")
        _about_something(reading, event, place, children, "what belongs to the parent")


def _transaction(reading: Reading, event: Mapping[str, Any], place: str) -> None:
    if event.get("action") != "DELETE":
        things = ("epcList", "quantityList", "parentID", "sensorElementList")
        _about_something(reading, event, place, things, "which things it is about")


def _transformation(reading: Reading, event: Mapping[str, Any], place: str) -> None:
    inputs = ("inputEPCList", "inputQuantityList")
    outputs = ("outputEPCList", "outputQuantityList")
    if "transformationID" in event:  # others tell the rest under the same ID
        _about_something(reading, event, place, inputs + outputs, "what went in or came out")
        return
    _about_something(reading, event, place, inputs, "what went in")
    _about_something(reading, event, place, outputs, "what came out")


_RULES = {
    "ObjectEvent": _object,
    "AggregationEvent": _aggregation,
    "AssociationEvent": _children,
    "TransactionEvent": _transaction,
    "TransformationEvent": _transformation,
}
