"""Terms as people type them: the fields of the form, and the columns of the sheet of contracts."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from uuid import UUID

from sqlalchemy import Connection

from longmai.domains.assets.contracts.deeds import KEEP
from longmai.domains.assets.contracts.model.contract import KINDS, Terms
from longmai.domains.assets.contracts.model.schedule import Instalment, instalments
from longmai.domains.assets.contracts.queries import by_number
from longmai.domains.assets.contracts.service import sign
from longmai.domains.assets.members.queries import FAR, organisations, roll_of
from longmai.domains.assets.members.service import Desk
from longmai.domains.assets.register.model.rights import Party
from longmai.domains.assets.register.queries import asset_by_code
from longmai.kernel.errors import Invalid, InvalidMany, LongmaiError
from longmai.kernel.money import yuan_to_fen
from longmai.portal.rights.model import Scope
from longmai.portal.sheets import read_sheet

FIELDS = (
    "number", "kind", "assets", "part", "tenant_kind", "tenant", "tenant_key", "representative",
    "signed_on", "starts_on", "ends_on", "rent", "months", "when", "step", "deposit", "decision",
    "basis", "renews", "note",
)  # fmt: skip
COLUMNS: Mapping[str, str] = {
    "合同编号": "number", "类型": "kind", "资产编码": "assets", "部位": "part",
    "承租方类型": "tenant_kind", "承租方": "tenant", "信用代码或户号": "tenant_key",
    "经办人": "representative", "签订日期": "signed_on", "起始日期": "starts_on",
    "终止日期": "ends_on", "年租金（元）": "rent", "收租方式": "months", "收租时间": "when",
    "每年递增（%）": "step", "押金（元）": "deposit", "依据": "basis", "备注": "note",
}  # fmt: skip
HEADINGS = tuple(COLUMNS)
TENANTS = ("enterprise", "cooperative", "household", "person", "collective", "government")

_WORDS: Mapping[str, Mapping[str, str]] = {
    "kind": {"出租": "lease", "发包": "lease", "租赁": "lease", "托管": "trusteeship",
             "入股": "equity"},
    "tenant_kind": {"企业": "enterprise", "公司": "enterprise", "合作社": "cooperative",
                    "农户": "household", "个人": "person", "集体": "collective",
                    "政府": "government", "": "enterprise"},
    "months": {"按年": "12", "按半年": "6", "按季": "3", "按月": "1", "一次": "0", "": "12",
               "一次付清": "0"},
    "when": {"期初": "start", "期末": "end", "": "start"},
}  # fmt: skip
_DAY = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: .*)?$")


def read_terms(
    connection: Connection,
    region: str,
    typed: Mapping[str, str],
    village: str,
    before: Sequence[Instalment] = (),
) -> Terms:
    """Read the terms of a contract.

    Args:
        connection: to look up assets and the roll.
        region: of the village, 12 digits.
        typed: by name of ``FIELDS``; what is missing is empty.
        village: what its collective is called where none is entered.
        before: the schedule that stays where no rent is typed.

    Raises:
        InvalidMany: what cannot be read, by field.
    """
    reader = _Reader(
        {name: unicodedata.normalize("NFKC", text).strip() for name, text in typed.items()}
    )
    reader.words()
    kind = reader.one_of("kind", KINDS)
    starts_on, ends_on = reader.day("starts_on"), reader.day("ends_on")
    terms = Terms(
        number=reader.text("number"),
        kind=kind,
        region=region,
        asset_ids=reader.assets(connection, region),
        lessor=_lessor(connection, region, village),
        tenant=reader.tenant(connection, region),
        signed_on=reader.day("signed_on"),
        starts_on=starts_on,
        ends_on=ends_on,
        instalments=reader.schedule(starts_on, ends_on, before),
        deposit_fen=reader.money("deposit"),
        part=reader.text("part"),
        representative=reader.text("representative"),
        decision=reader.identity("decision"),
        basis=reader.text("basis"),
        renews=reader.renewed(connection, region),
        note=reader.text("note"),
    )
    if reader.findings:
        raise InvalidMany(
            f"{len(reader.findings)} findings", reader.findings, code="contract.fields"
        )
    return terms


def _lessor(connection: Connection, region: str, village: str) -> Party:
    found = organisations(connection, Scope(frozenset({region})))
    return Party("collective", region, found[0].name if found else village)


@dataclass
class _Reader:
    typed: Mapping[str, str]
    findings: list[Invalid] = field(default_factory=list)

    def text(self, name: str) -> str:
        return self.typed.get(name, "")

    def wrong(self, name: str, code: str, what: str, mend: str | None = None) -> None:
        self.findings.append(
            Invalid(what, code=f"contract.{code}", place=name, value=self.text(name), mend=mend)
        )

    def words(self) -> None:
        """Take the words of the sheet for the names of the form."""
        known = {
            name: words.get(self.text(name), self.text(name)) for name, words in _WORDS.items()
        }
        self.typed = {**self.typed, **known}

    def one_of(self, name: str, known: Sequence[str]) -> str:
        if self.text(name) not in known:
            self.wrong(name, "choice", "none of the choices", "、".join(known))
            return known[0]
        return self.text(name)

    def day(self, name: str) -> date:
        match = _DAY.match(self.text(name))
        try:
            return date(*map(int, match.groups())) if match else self._no_day(name)
        except ValueError:
            return self._no_day(name)

    def _no_day(self, name: str) -> date:
        self.wrong(name, "day", "this is no day", "2026-01-31")
        return date(1, 1, 1)

    def money(self, name: str) -> int:
        plain = self.text(name).replace(",", "").removesuffix("元").strip() or "0"
        try:
            amount = yuan_to_fen(plain)
        except Invalid:
            amount = -1
        if amount < 0:
            self.wrong(name, "money", "this is no amount", "1234.56")
            return 0
        return amount

    def identity(self, name: str) -> UUID | None:
        try:
            return UUID(self.text(name)) if self.text(name) else None
        except ValueError:
            self.wrong(name, "record", "this is no number of a record")
            return None

    def renewed(self, connection: Connection, region: str) -> UUID | None:
        number = self.text("renews")
        found = by_number(connection, region, number) if number else None
        if number and found is None:
            self.wrong("renews", "renews", "the village has no such contract")
        return found

    def assets(self, connection: Connection, region: str) -> tuple[UUID, ...]:
        codes = [each for each in re.split(r"[\s、,;]+", self.text("assets")) if each]
        found = []
        for code in codes:
            try:
                found.append(asset_by_code(connection, region[:6], code).asset_id)
            except LongmaiError:
                self.wrong("assets", "asset", f"no asset has the code {code}")
        if not codes:
            self.wrong("assets", "assets", "name the asset by its code")
        return tuple(found)

    def tenant(self, connection: Connection, region: str) -> Party:
        kind = self.one_of("tenant_kind", TENANTS)
        name, key = self.text("tenant"), self.text("tenant_key")
        if kind not in {"household", "person"} or not key:
            return Party(kind, key, name)
        homes = roll_of(connection, region, FAR).households
        home = next((each for each in homes if each.number == key), None)
        if home is None:
            self.wrong("tenant_key", "home", "the roll has no household of this number")
            return Party(kind, "", name)
        if kind == "household":
            return Party(
                kind, str(home.household_id), name or (home.head.name if home.head else key)
            )
        person = next((each for each in home.members if each.name == name), None)
        if person is None:
            self.wrong("tenant", "person", "nobody of this name is in the household")
            return Party(kind, "", name)
        return Party(kind, str(person.member_id), name)

    def schedule(
        self, starts_on: date, ends_on: date, before: Sequence[Instalment]
    ) -> tuple[Instalment, ...]:
        if not self.text("rent") and before:
            return tuple(before)
        rent, step = self.money("rent"), self._permille()
        months = self.one_of("months", ("12", "6", "3", "1", "0"))
        if self.findings or (not rent and self.text("kind") != "lease"):
            return ()
        try:
            return instalments(
                starts_on, ends_on, rent, int(months), self.one_of("when", ("start", "end")), step
            )
        except Invalid as error:
            self.findings.append(error)
            return ()

    def _permille(self) -> int:
        text = self.text("step").removesuffix("%").strip() or "0"
        try:
            permille = Decimal(text) * 10
        except InvalidOperation:
            permille = Decimal("0.5")
        if permille != permille.to_integral_value():
            self.wrong("step", "step", "a step has at most one decimal", "3、2.5")
            return 0
        return int(permille)


def import_contracts(desk: Desk, region: str, data: bytes, village: str) -> int:
    """Sign the contracts of a sheet, all or none; return how many.

    Args:
        desk: of the accountant.
        region: of the village.
        data: CSV or XLSX with ``HEADINGS``.
        village: what its collective is called where none is entered.

    Raises:
        Forbidden: the contracts of this village are not the visitor's to keep.
        InvalidMany: what is wrong, row by row; nothing is signed.
    """
    code = desk.regions.get(region).code
    desk.require(KEEP, [code])
    findings: list[Invalid] = []
    names = {name: heading for heading, name in COLUMNS.items()}
    rows = read_sheet(data, HEADINGS)
    for row in rows:
        typed = {COLUMNS[heading]: text for heading, text in row.cells.items()}
        try:
            sign(desk, read_terms(desk.work.connection, code, typed, village))
        except LongmaiError as error:
            parts = error.findings if isinstance(error, InvalidMany) else [error]
            findings += [_placed(each, row.number, names) for each in parts]
    if not rows:
        raise Invalid("the sheet has no rows", code="sheet.empty")
    if findings:
        raise InvalidMany(f"{len(findings)} findings", findings, code="contract.sheet")
    return len(rows)


def _placed(error: LongmaiError, row: int, names: Mapping[str, str]) -> Invalid:
    column = names.get(error.place or "", error.place or "")
    return Invalid(
        error.what, code=error.code, place=f"第 {row} 行 · {column}", value=error.value,
        mend=error.mend,
    )  # fmt: skip


def typed_of(terms: Terms, codes: Mapping[UUID, str]) -> dict[str, str]:
    """Return terms as the form shows them, to be changed; the rent is left empty: it stays."""
    days = {
        name: getattr(terms, name).isoformat() for name in ("signed_on", "starts_on", "ends_on")
    }
    return {
        **{name: getattr(terms, name) for name in ("number", "kind", "part", "representative",
                                                    "basis", "note")},
        **days,
        "assets": "、".join(codes[each] for each in terms.asset_ids),
        "tenant_kind": terms.tenant.kind,
        "tenant": terms.tenant.name,
        "deposit": f"{terms.deposit_fen / 100:.2f}" if terms.deposit_fen else "",
        "months": "12",
        "when": "start",
    }  # fmt: skip


def kept_tenant(terms: Terms, before: Terms) -> Terms:
    """Return terms whose tenant keeps the key it had, where the name is the same."""
    same = (terms.tenant.kind, terms.tenant.name) == (before.tenant.kind, before.tenant.name)
    kept = before.tenant if same and not terms.tenant.key else terms.tenant
    return replace(terms, tenant=kept, decision=terms.decision or before.decision,
                   renews=terms.renews or before.renews)  # fmt: skip
