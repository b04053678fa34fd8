"""Mass balance: what went into a transformation, what came out, and which part is whose."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from longmai.domains.brand.model.epcis import Item

# Unit of what is counted piece by piece; EPCIS has no code for it (EPCIS 2.0 §7.3.3.3).
PIECES = ""


@dataclass(frozen=True)
class Balance:
    """Amounts of one transformation, as far as its events tell them; nothing is estimated.

    Attributes:
        record_ids: of the events that tell it.
        taken: sums of what went in, by unit (UN/ECE Rec. 20; ``PIECES``: single things).
        made: sums of what came out, likewise.
        uom: the one unit that everything is told in; None if there are several, or an amount is
            not told.
        difference: taken less made, in that unit: loss, or gain where negative; None likewise.
        shares: part (0 to 1) of each input in every output, in proportion to what went in, as if
            all was mixed; empty unless every input is told, and all in one unit.
    """

    record_ids: tuple[UUID, ...]
    taken: Mapping[str, Decimal]
    made: Mapping[str, Decimal]
    uom: str | None
    difference: Decimal | None
    shares: Mapping[str, Decimal]


def balance(record_ids: Sequence[UUID], items: Iterable[Item]) -> Balance:
    """Return the balance of a transformation.

    Args:
        record_ids: of all its events.
        items: of all its events.
    """
    told = list(items)
    inputs = [item for item in told if item.role == "input"]
    outputs = [item for item in told if item.role == "output"]
    taken, made = _sums(inputs), _sums(outputs)
    units = taken.keys() | made.keys()
    whole = taken and made and len(units) == 1 and all(map(_is_told, inputs + outputs))
    uom = next(iter(units)) if whole else None
    return Balance(
        tuple(record_ids),
        taken,
        made,
        uom,
        None if uom is None else taken[uom] - made[uom],
        _shares(inputs, taken),
    )


def _shares(inputs: Sequence[Item], taken: Mapping[str, Decimal]) -> dict[str, Decimal]:
    if len(taken) != 1 or not all(map(_is_told, inputs)):
        return {}
    (total,) = taken.values()
    parts: dict[str, Decimal] = {}
    for item in inputs if total > 0 else ():
        parts[item.key] = parts.get(item.key, Decimal(0)) + _amount(item)
    return {key: part / total for key, part in parts.items()}


def _sums(items: Iterable[Item]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for item in items:
        if _is_told(item):
            unit = item.uom or PIECES
            sums[unit] = sums.get(unit, Decimal(0)) + _amount(item)
    return sums


def _is_told(item: Item) -> bool:
    return item.quantity is not None or not item.is_class


def _amount(item: Item) -> Decimal:
    # A single thing is one piece.
    return Decimal(1) if item.quantity is None else item.quantity
