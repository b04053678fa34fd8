"""An asset as the ledger of 帮扶项目资产 and 三资 has it: its columns, and what they may hold.

Source: the province's guide on registering and handing over assets of assistance projects (trial),
for classes and levels; the columns are those that counties keep.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any

from longmai.kernel.errors import Invalid

CLASSES = ("operating", "public", "household")
"""经营性, 公益性, 到户类."""
LEVELS = ("county", "township", "village", "household")
"""Who owns it: 县, 乡, 村, 户."""
CONDITIONS = ("good", "normal", "low", "idle", "damaged")
"""良好, 一般, 低效, 闲置, 损毁."""

MAX_CODE = 64
MAX_NAME = 120
MAX_TEXT = 400
MAX_FEN = 10**15
EARLIEST = date(1949, 10, 1)
_PERMILLE = 1000
_LON, _LAT = (73.0, 136.0), (3.0, 54.0)
_MONTHS = 12 * 100


@dataclass(frozen=True)
class Funding:
    """A source of money, and how much of it."""

    source: str
    amount_fen: int


@dataclass(frozen=True)
class Lease:
    """A contract as the ledger states it; contracts proper are kept elsewhere."""

    start: date | None = None
    end: date | None = None
    rent_fen: int | None = None
    due_fen: int | None = None
    received_fen: int | None = None


@dataclass(frozen=True)
class Asset:
    """The columns of one asset.

    Attributes:
        code: 资产编码, unique in its county.
        name: 资产名称.
        asset_class: one of ``CLASSES``; ``level``: one of ``LEVELS``.
        region: 12-digit code of the village, township or county it belongs to.
        project: 项目名称; ``year`` of the project.
        funding: sources; they need not add up to the cost, which the check then says.
        cost_fen: 原值; ``net_fen`` 净值 as stated, None where nobody states it.
        built_on: 建成日期; ``handed_on`` 移交日期.
        place: 坐落; ``lon``, ``lat`` in WGS-84 degrees.
        quantity: 数量, with ``unit`` and ``spec`` 规格.
        owner: 所有权人 as the ledger states it; ``operator`` 经营主体; ``beneficiary`` 收益权人.
        caretaker: 管护责任人; ``regulator`` 监管部门.
        certificate: 确权证号 of an older certificate.
        lease: 合同, as stated.
        condition: one of ``CONDITIONS``.
        households: 联农户数.
        counted_on: 盘点日期.
        life_months: useful life that the owner resolved; ``residual_permille`` of the cost that is
            left then; ``depreciation_basis``: by which document.
        note: 备注.
    """

    code: str
    name: str
    asset_class: str
    level: str
    region: str
    cost_fen: int
    project: str = ""
    year: int | None = None
    funding: Sequence[Funding] = ()
    net_fen: int | None = None
    built_on: date | None = None
    handed_on: date | None = None
    place: str = ""
    lon: float | None = None
    lat: float | None = None
    quantity: Decimal | None = None
    unit: str = ""
    spec: str = ""
    owner: str = ""
    operator: str = ""
    beneficiary: str = ""
    caretaker: str = ""
    regulator: str = ""
    certificate: str = ""
    lease: Lease = field(default_factory=Lease)
    condition: str = "normal"
    households: int | None = None
    counted_on: date | None = None
    life_months: int | None = None
    residual_permille: int | None = None
    depreciation_basis: str = ""
    note: str = ""

    @property
    def county(self) -> str:
        """Six digits of the county: a code names one asset there."""
        return self.region[:6]


COLUMNS = tuple(each.name for each in fields(Asset))


def check(asset: Asset, today: date) -> list[Invalid]:
    """Return what is wrong with the columns of an asset; ``place`` names the column.

    >>> wrong = check(Asset("A1", "", "operating", "village", "990102003004", -1), date(2026, 1, 1))
    >>> [(each.place, each.code) for each in wrong]
    [('name', 'asset.name'), ('cost_fen', 'asset.cost')]
    """
    found = [*_texts(asset), *_words(asset), *_money(asset), *_days(asset, today), *_numbers(asset)]
    return [
        Invalid(what, code=code, place=place, value=value) for place, code, what, value in found
    ]


_Finding = tuple[str, str, str, Any]


def _texts(asset: Asset) -> list[_Finding]:
    found: list[_Finding] = []
    if not 0 < len(asset.code) <= MAX_CODE or not asset.code.isprintable():
        found.append(("code", "asset.code", "an asset has a code", asset.code))
    if not 0 < len(asset.name) <= MAX_NAME or not asset.name.isprintable():
        found.append(("name", "asset.name", "an asset has a name", asset.name))
    what = f"at most {MAX_TEXT} characters"
    texts = ((name, getattr(asset, name)) for name in _TEXTS)
    return found + [(name, "asset.long", what, t) for name, t in texts if len(t) > MAX_TEXT]


_TEXTS = (
    "project", "place", "unit", "spec", "owner", "operator", "beneficiary", "caretaker",
    "regulator", "certificate", "depreciation_basis", "note",
)  # fmt: skip


def _words(asset: Asset) -> list[_Finding]:
    found: list[_Finding] = []
    for name, known in (("asset_class", CLASSES), ("level", LEVELS), ("condition", CONDITIONS)):
        if getattr(asset, name) not in known:
            found.append(
                (name, f"asset.{name}", f"one of {', '.join(known)}", getattr(asset, name))
            )
    if asset.asset_class == "household" and asset.level in {"county", "township"}:
        found.append(("level", "asset.household_level", "it belongs to a household", asset.level))
    return found


def _money(asset: Asset) -> list[_Finding]:
    found: list[_Finding] = []
    if not 0 <= asset.cost_fen <= MAX_FEN:
        found.append(("cost_fen", "asset.cost", "a cost is not negative", asset.cost_fen))
    if asset.net_fen is not None and not 0 <= asset.net_fen <= max(asset.cost_fen, 0):
        found.append(("net_fen", "asset.net", "net is between 0 and the cost", asset.net_fen))
    for name in ("rent_fen", "due_fen", "received_fen"):
        amount = getattr(asset.lease, name)
        if amount is not None and not 0 <= amount <= MAX_FEN:
            found.append((name, "asset.rent", "a sum is not negative", amount))
    if any(not 0 <= each.amount_fen <= MAX_FEN for each in asset.funding):
        found.append(("funding", "asset.funding", "a sum is not negative", len(asset.funding)))
    return found


def _days(asset: Asset, today: date) -> list[_Finding]:
    found: list[_Finding] = []
    for name in ("built_on", "handed_on", "counted_on"):
        day = getattr(asset, name)
        if day is not None and not EARLIEST <= day <= today:
            found.append((name, "asset.day", "a day that has been", day.isoformat()))
    if asset.built_on and asset.handed_on and asset.handed_on < asset.built_on:
        found.append(("handed_on", "asset.handed", "not handed over before it was built", None))
    if asset.lease.start and asset.lease.end and asset.lease.end < asset.lease.start:
        found.append(("lease_end", "asset.lease", "a contract ends after it starts", None))
    if asset.year is not None and not EARLIEST.year <= asset.year <= today.year:
        found.append(("year", "asset.year", "a year that has been", asset.year))
    return found


def _numbers(asset: Asset) -> list[_Finding]:
    found: list[_Finding] = []
    if (asset.lon is None) != (asset.lat is None):
        found.append(("lon", "asset.point", "a point has longitude and latitude", None))
    elif asset.lon is not None and asset.lat is not None:
        inside = _LON[0] <= asset.lon <= _LON[1] and _LAT[0] <= asset.lat <= _LAT[1]
        if not inside:
            found.append(("lon", "asset.point", "outside of the country", (asset.lon, asset.lat)))
    if asset.quantity is not None and asset.quantity < 0:
        found.append(("quantity", "asset.quantity", "not negative", str(asset.quantity)))
    if asset.households is not None and asset.households < 0:
        found.append(("households", "asset.households", "not negative", asset.households))
    return found + _depreciation(asset)


def _depreciation(asset: Asset) -> list[_Finding]:
    found: list[_Finding] = []
    if asset.life_months is not None and not 0 < asset.life_months <= _MONTHS:
        found.append(("life_months", "asset.life", "a life of 1 to 1200 months", asset.life_months))
    if asset.residual_permille is not None and not 0 <= asset.residual_permille <= _PERMILLE:
        found.append(("residual_permille", "asset.residual", "0 to 1000", asset.residual_permille))
    if asset.life_months is not None and not asset.depreciation_basis:
        found.append(("depreciation_basis", "asset.life_basis", "say who resolved the life", None))
    return found


def as_payload(asset: Asset) -> dict[str, Any]:
    """Return the columns as JSON for a record; what is empty is left out.

    >>> told = as_payload(Asset("A1", "果库", "operating", "village", "990102003004", 100))
    >>> of_payload(told) == Asset("A1", "果库", "operating", "village", "990102003004", 100)
    True
    """
    told: dict[str, Any] = {}
    for each in fields(asset):
        value = _plain(getattr(asset, each.name))
        if value not in (None, "", [], {}):
            told[each.name] = value
    return told


def of_payload(told: Mapping[str, Any]) -> Asset:
    """Read the columns of a record back."""
    values = dict(told)
    for name in ("built_on", "handed_on", "counted_on"):
        values[name] = _day(told.get(name))
    lease = told.get("lease", {})
    values["lease"] = Lease(
        **{**lease, "start": _day(lease.get("start")), "end": _day(lease.get("end"))}
    )
    values["funding"] = tuple(Funding(**each) for each in told.get("funding", ()))
    for name, kind in (("quantity", Decimal), ("lon", float), ("lat", float)):
        values[name] = kind(told[name]) if name in told else None
    return Asset(**values)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        # Seven decimals are a centimetre; the text is the same on every machine.
        return format(value, ".7f").rstrip("0").rstrip(".")
    if isinstance(value, Funding | Lease):
        told = {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
        return {name: each for name, each in told.items() if each is not None}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value


def differences(old: Asset, new: Asset) -> list[tuple[str, Any, Any]]:
    """Return (column, before, after) of what changed."""
    pairs = ((each, getattr(old, each), getattr(new, each)) for each in COLUMNS)
    return [(name, before, after) for name, before, after in pairs if before != after]
