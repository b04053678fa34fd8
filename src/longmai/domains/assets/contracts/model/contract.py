"""The terms of a contract about assets, and what they may hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from longmai.domains.assets.contracts.model.schedule import (
    Instalment,
    check_instalments,
    total,
)
from longmai.domains.assets.register.model.rights import (
    PARTY_KINDS,
    Party,
    party_of,
    party_payload,
)
from longmai.kernel.errors import Invalid

KINDS = ("lease", "trusteeship", "equity")
"""出租（发包）, 托管, 入股."""
WAYS = ("bank", "cash")
"""How rent is received."""
MAX_TEXT = 400
MAX_NAME = 120
MAX_ASSETS = 60
MAX_FEN = 10**13


@dataclass(frozen=True)
class Terms:
    """What a contract says.

    Attributes:
        number: 合同编号, unique in its village.
        kind: one of ``KINDS``.
        region: 12-digit code of the village whose collective lets.
        asset_ids: that it is about, at least one.
        lessor: who lets, brings in or entrusts; ``tenant``: who takes.
        starts_on: first day; ``ends_on``: last.
        instalments: what the tenant owes, and when; of equity the guaranteed dividends.
        deposit_fen: 押金.
        part: of the asset where it is let in parts, such as 东侧 3 间; empty: the whole.
        representative: who signed for the tenant; is held against the roll for kin.
        decision: record of the meeting's decision behind it.
        basis: other document behind it.
        renews: the contract that this one goes on from.
    """

    number: str
    kind: str
    region: str
    asset_ids: tuple[UUID, ...]
    lessor: Party
    tenant: Party
    signed_on: date
    starts_on: date
    ends_on: date
    instalments: tuple[Instalment, ...]
    deposit_fen: int = 0
    part: str = ""
    representative: str = ""
    decision: UUID | None = None
    basis: str = ""
    renews: UUID | None = None
    note: str = ""

    @property
    def total_fen(self) -> int:
        """Return what the tenant owes over the whole time."""
        return total(self.instalments)

    @property
    def yearly_fen(self) -> int:
        """Return the rent of a year of 365 days, on average."""
        days = (self.ends_on - self.starts_on).days + 1
        return self.total_fen * 365 // days


def check(terms: Terms) -> list[Invalid]:
    """Return what is wrong with terms; ``place`` names the field."""
    found = [*_texts(terms), *_days(terms)]
    if terms.kind not in KINDS:
        found.append(_wrong("kind", "contract.kind", "lease, trusteeship or equity", terms.kind))
    for name in ("lessor", "tenant"):
        party: Party = getattr(terms, name)
        if party.kind not in PARTY_KINDS or not 0 < len(party.name.strip()) <= MAX_NAME:
            found.append(
                _wrong(name, "contract.party", "a party has a kind and a name", party.name)
            )
    if terms.lessor.identity == terms.tenant.identity:
        found.append(
            _wrong("tenant", "contract.same", "both sides are the same", terms.tenant.name)
        )
    if not 0 < len(set(terms.asset_ids)) == len(terms.asset_ids) <= MAX_ASSETS:
        found.append(_wrong("assets", "contract.assets", "name the assets, each once", None))
    if not 0 <= terms.deposit_fen <= MAX_FEN or terms.total_fen > MAX_FEN:
        found.append(_wrong("deposit", "contract.deposit", "a sum within bounds", None))
    try:
        check_instalments(terms.instalments, terms.starts_on, terms.ends_on)
    except Invalid as error:
        found.append(error)
    if not terms.instalments and terms.kind == "lease":
        found.append(_wrong("rent", "contract.no_rent", "a lease has a rent", None))
    return found


def _texts(terms: Terms) -> list[Invalid]:
    found = []
    if not 0 < len(terms.number.strip()) <= MAX_NAME or not terms.number.isprintable():
        found.append(_wrong("number", "contract.number", "a contract has a number", terms.number))
    long = ("part", "representative", "basis", "note")
    what = f"at most {MAX_TEXT} characters"
    return found + [
        _wrong(name, "contract.text", what, None)
        for name in long
        if len(getattr(terms, name)) > MAX_TEXT
    ]


def _days(terms: Terms) -> list[Invalid]:
    if terms.ends_on < terms.starts_on:
        return [_wrong("ends_on", "contract.span", "it ends before it begins",
                       terms.ends_on.isoformat())]  # fmt: skip
    return []


def _wrong(place: str, code: str, what: str, value: object) -> Invalid:
    return Invalid(what, code=code, place=place, value=value)


_SAME = ("number", "kind", "region", "deposit_fen", "part", "representative", "basis", "note")
_DAYS = ("signed_on", "starts_on", "ends_on")


def as_payload(terms: Terms) -> dict[str, Any]:
    """Return terms as JSON for a record."""
    return {
        **{name: getattr(terms, name) for name in _SAME},
        **{name: getattr(terms, name).isoformat() for name in _DAYS},
        "assets": [str(each) for each in terms.asset_ids],
        "lessor": party_payload(terms.lessor),
        "tenant": party_payload(terms.tenant),
        "instalments": [
            [each.due_on.isoformat(), each.start.isoformat(), each.end.isoformat(), each.amount_fen]
            for each in terms.instalments
        ],
        "decision": str(terms.decision) if terms.decision else None,
        "renews": str(terms.renews) if terms.renews else None,
    }


def of_payload(told: Mapping[str, Any]) -> Terms:
    """Read terms back."""
    day = date.fromisoformat
    same: dict[str, Any] = {name: told[name] for name in _SAME}
    same |= {name: day(told[name]) for name in _DAYS}
    return Terms(
        **same,
        asset_ids=tuple(UUID(each) for each in told["assets"]),
        lessor=party_of(told["lessor"]),
        tenant=party_of(told["tenant"]),
        instalments=tuple(
            Instalment(day(due), day(start), day(end), amount)
            for due, start, end, amount in told["instalments"]
        ),
        decision=UUID(told["decision"]) if told["decision"] else None,
        renews=UUID(told["renews"]) if told["renews"] else None,
    )
