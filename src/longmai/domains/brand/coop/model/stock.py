"""What is left of each lot: what was made of it, less what went into packing or was sold."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from longmai.domains.brand.model import gs1


@dataclass(frozen=True)
class Line:
    """One lot in one event.

    Attributes:
        event_id: of the event.
        key: of the lot.
        step: business step.
        at: when it happened.
        change_kg: more where positive, less where negative.
        certified: the event brought a certificate with it.
    """

    event_id: str
    key: str
    step: str
    at: datetime
    change_kg: Decimal
    certified: bool = False


@dataclass
class Lot:
    """A lot of a co-operative.

    Attributes:
        key: canonical key.
        made_kg: of it; ``left_kg`` of that is still there.
        since: when it was made.
        certified: it has a certificate of promised conformity.
        step: business step by which it was made.
        events: IDs of the events about it, by time.
    """

    key: str
    made_kg: Decimal = Decimal(0)
    left_kg: Decimal = Decimal(0)
    since: datetime | None = None
    certified: bool = False
    step: str = ""
    events: list[str] = field(default_factory=list)

    @property
    def gtin(self) -> str:
        """Of its product, 14 digits."""
        return gs1.elements(self.key)["01"]

    @property
    def number(self) -> str:
        """Its lot number."""
        return gs1.elements(self.key)["10"]


def stock_of(lines: Iterable[Line]) -> dict[str, Lot]:
    """Add up lots, by key, in the order of time.

    >>> at = datetime(2026, 10, 1)
    >>> key = "01/02900000000018/10/H1"
    >>> changes = [Decimal(300), Decimal(-100)]
    >>> stock_of([Line("e", key, "", at, change) for change in changes])[key].left_kg
    Decimal('200')
    """
    lots: dict[str, Lot] = {}
    for line in sorted(lines, key=lambda each: each.at):
        lot = lots.setdefault(line.key, Lot(line.key))
        lot.left_kg += line.change_kg
        lot.events.append(line.event_id)
        if line.change_kg > 0:
            lot.made_kg += line.change_kg
            lot.since, lot.step = lot.since or line.at, lot.step or line.step
            lot.certified = lot.certified or line.certified
    return lots
