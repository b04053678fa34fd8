"""What can be done with one asset, each as a form: its fields, and the use-case that takes them."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from longmai.domains.assets.register import paper_queries, queries, right_queries, service, steps
from longmai.domains.assets.register.deeds import DECIDE, KEEP
from longmai.domains.assets.register.desk import Desk
from longmai.domains.assets.register.model.asset import CONDITIONS
from longmai.domains.assets.register.model.rights import (
    MARKS,
    PARTY_KINDS,
    RIGHTS,
    Holding,
    Party,
    share_of_text,
)
from longmai.domains.assets.register.model.workflow import WAY
from longmai.domains.assets.register.photos import Picture, keep_picture, photograph, read_picture
from longmai.kernel.errors import Invalid
from longmai.kernel.money import fen_to_yuan, yuan_to_fen
from longmai.portal.rights.visitor import Visitor

KIND_WORDS: Mapping[str, tuple[str, ...]] = {
    "state": ("国家", "国有"),
    "government": ("政府", "县政府", "乡镇政府", "乡镇"),
    "collective": ("集体", "村集体", "集体经济组织"),
    "cooperative": ("合作社", "农民专业合作社"),
    "enterprise": ("企业", "公司"),
    "household": ("农户", "户"),
    "person": ("个人", "成员", "人"),
}


@dataclass(frozen=True)
class Field:
    """A field of a form.

    Attributes:
        name: of its value; ``register.field.<name>`` names it.
        kind: text, area, day, money, select, photo or hidden.
        options: (value, key of its word, or the word itself) of a select.
        value: it begins with.
    """

    name: str
    kind: str = "text"
    options: Sequence[tuple[str, str]] = ()
    value: str = ""
    required: bool = True


@dataclass(frozen=True)
class Sent:
    """What came back with a form."""

    values: Mapping[str, str]
    photos: Sequence[bytes] = ()

    def text(self, name: str) -> str:
        """Return a value without the blanks around it."""
        return self.values.get(name, "").strip()

    def day(self, name: str = "on") -> date | None:
        """Return a day; None if none is given.

        Raises:
            Invalid: not a day.
        """
        text = self.text(name)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            raise Invalid("not a day", code="form.day", place=name, value=text) from None

    def fen(self, name: str) -> int | None:
        """Return an amount that was typed in yuan; None if none was.

        Raises:
            Invalid: not an amount.
        """
        text = self.text(name).replace(",", "")
        try:
            return yuan_to_fen(text) if text else None
        except Invalid as error:
            error.place = name
            raise

    def identity(self, name: str) -> UUID:
        """Return an ID.

        Raises:
            Invalid: none is given.
        """
        try:
            return UUID(self.text(name))
        except ValueError:
            raise Invalid("choose one", code="form.choose", place=name) from None


@dataclass(frozen=True)
class Action:
    """Something to be done with an asset.

    Attributes:
        name: in the address; ``register.action.<name>`` names it.
        permission: that it asks for, in the asset's region.
        stages: of the way in which it is offered; empty: in all but the last.
        fields: of its form, given the asset.
        run: does it.
    """

    name: str
    permission: str
    stages: Sequence[str]
    fields: Callable[[Connection, queries.Known], Sequence[Field]]
    run: Callable[[Desk, UUID, Sent], object]


@dataclass(frozen=True)
class Offer:
    """An action as a page offers it."""

    name: str
    href: str


def parties_of(text: str, default_kind: str = "collective") -> Iterator[tuple[Party, str]]:
    """Read parties one a line: name, kind, number (a share or units), key; commas between.

    >>> [(p.kind, p.name, n) for p, n in parties_of("某村合作社，集体，1/2")]
    [('collective', '某村合作社', '1/2')]

    Raises:
        Invalid: a line names no known kind.
    """
    for number, line in enumerate(text.splitlines(), 1):
        parts = [part.strip() for part in re.split(r"[,，\t]", line)]
        if not any(parts):
            continue
        name, said, amount, key = (*parts, "", "", "")[:4]
        kind = next((k for k, ways in KIND_WORDS.items() if said in {k, *ways}), "")
        if not kind and said:
            raise Invalid(
                "no such kind of holder", code="right.kind", place=f"line {number}", value=said
            )
        yield Party(kind or default_kind, key, name), amount


def _holders(text: str) -> tuple[Holding, ...]:
    found = [(party, share or "1") for party, share in parties_of(text)]
    return tuple(Holding(party, share_of_text(share)) for party, share in found)


_DAY = Field("on", "day", required=False)
_BASIS = Field("basis")


def _determine_fields(_connection: Connection, known: queries.Known) -> list[Field]:
    stated = known.asset
    names = (stated.owner, stated.operator or stated.owner, stated.beneficiary or stated.owner)
    kind = "农户" if stated.asset_class == "household" else "集体"
    return [
        *(
            Field(right, "area", value=f"{name}，{kind}，1" if name else "")
            for right, name in zip(RIGHTS, names, strict=True)
        ),
        _BASIS,
        _DAY,
    ]


def _determine(desk: Desk, asset_id: UUID, sent: Sent) -> None:
    rights = {right: _holders(sent.text(right)) for right in RIGHTS}
    found = service.Determination(asset_id, rights, sent.text("basis"))
    service.determine(desk, [found], sent.day())


def _notice_fields(_connection: Connection, _known: queries.Known) -> list[Field]:
    return [
        Field("place"),
        Field("days", required=False),
        Field("basis", required=False),
        Field("photo", "photo", required=False),
        _DAY,
    ]


def posting_of(desk: Desk, sent: Sent) -> steps.Posting:
    """Return the notice that a form describes, its photo kept.

    Raises:
        Invalid: no number of days, or no photo.
    """
    text = sent.text("days")
    if text and not text.isdecimal():
        raise Invalid("a number of days", code="notice.days", place="days", value=text)
    photo = kept_photos(desk, sent)
    return steps.Posting(
        sent.text("place"),
        int(text) if text else None,
        sent.text("basis"),
        photo[0] if photo else "",
    )


def kept_pictures(desk: Desk, sent: Sent) -> list[Picture]:
    """Keep the photos of a form, and return them."""
    pictures = [read_picture(each) for each in sent.photos if each]
    for each in pictures:
        keep_picture(desk, each)
    return pictures


def kept_photos(desk: Desk, sent: Sent) -> list[str]:
    """Keep the photos of a form; return their digests."""
    return [each.digest for each in kept_pictures(desk, sent)]


def _transfer_fields(connection: Connection, known: queries.Known) -> list[Field]:
    held = right_queries.rights_of(connection, [known.asset_id])[known.asset_id]
    holders = {
        f"{h.party.kind}|{h.party.key}|{h.party.name}": h.party.name
        for right in RIGHTS
        for h in held[right].holdings
    }
    return [
        Field("right", "select", [(right, f"register.right.{right}") for right in RIGHTS]),
        Field("source", "select", tuple(holders.items())),
        Field("target_kind", "select", [(kind, f"register.party.{kind}") for kind in PARTY_KINDS]),
        Field("target_name"),
        Field("target_key", required=False),
        Field("share", value="1"),
        _BASIS,
        _DAY,
    ]


def _transfer(desk: Desk, asset_id: UUID, sent: Sent) -> None:
    kind, key, name = (*sent.text("source").split("|", 2), "", "", "")[:3]
    target = Party(sent.text("target_kind"), sent.text("target_key"), sent.text("target_name"))
    share: Fraction = share_of_text(sent.text("share"))
    wanted = service.Transfer(
        sent.text("right"), Party(kind, key, name), target, share, sent.text("basis")
    )
    service.transfer(desk, asset_id, wanted, sent.day())


def _mark_fields(_connection: Connection, _known: queries.Known) -> list[Field]:
    every = [("", "register.right.all"), *((r, f"register.right.{r}") for r in RIGHTS)]
    return [
        Field("mark", "select", [(kind, f"register.mark.{kind}") for kind in MARKS]),
        Field("right", "select", every),
        Field("document"),
        Field("creditor", required=False),
        Field("amount", "money", required=False),
        Field("until", "day", required=False),
        _DAY,
    ]


def _mark(desk: Desk, asset_id: UUID, sent: Sent) -> None:
    wanted = service.NewMark(
        sent.text("mark"),
        sent.text("right"),
        sent.text("document"),
        sent.text("creditor"),
        sent.fen("amount"),
        sent.day("until"),
    )
    service.place_mark(desk, asset_id, wanted, sent.day())


def _lift_fields(connection: Connection, known: queries.Known) -> list[Field]:
    standing = [
        (str(each.record_id), f"{each.document} {each.mark.since.isoformat()}")
        for each in right_queries.marks_of(connection, known.asset_id)
        if each.lifted_on is None
    ]
    return [Field("mark_id", "select", standing), Field("reason"), _DAY]


def _lift(desk: Desk, asset_id: UUID, sent: Sent) -> None:
    service.lift_mark(desk, asset_id, sent.identity("mark_id"), sent.text("reason"), sent.day())


def _quantify(desk: Desk, asset_id: UUID, sent: Sent) -> None:
    units = []
    for party, amount in parties_of(sent.text("units"), "household"):
        if not amount.isdecimal():
            raise Invalid("units are whole", code="equity.units", place="units", value=amount)
        units.append((party, int(amount)))
    service.quantify(desk, asset_id, units, sent.text("basis"), sent.day())


def _revoke_fields(connection: Connection, known: queries.Known) -> list[Field]:
    issued = paper_queries.certificates_of(connection, [known.asset_id])[known.asset_id]
    valid = [(str(each.certificate_id), each.number) for each in issued if each.revoked_on is None]
    return [Field("certificate_id", "select", valid), Field("reason"), _DAY]


def _revoke(desk: Desk, asset_id: UUID, sent: Sent) -> None:
    del asset_id
    steps.revoke(desk, sent.identity("certificate_id"), sent.text("reason"), sent.day())


_AMENDED = ("name", "operator", "place", "caretaker", "regulator", "note", "depreciation_basis")


def _amend_fields(_connection: Connection, known: queries.Known) -> list[Field]:
    asset = known.asset
    return [
        *(Field(n, value=getattr(asset, n), required=n == "name") for n in _AMENDED[:-1]),
        Field("cost", "money", value=str(fen_to_yuan(asset.cost_fen))),
        Field("households", value=str(asset.households or ""), required=False),
        Field("life_months", value=str(asset.life_months or ""), required=False),
        Field("residual_permille", value=_said(asset.residual_permille), required=False),
        Field("depreciation_basis", value=asset.depreciation_basis, required=False),
        Field("condition", "select", [(c, f"register.condition.{c}") for c in CONDITIONS],
              value=known.state.condition),
        Field("reason"),
    ]  # fmt: skip


def _said(number: int | None) -> str:
    return "" if number is None else str(number)


def _amend(desk: Desk, asset_id: UUID, sent: Sent) -> None:
    known = queries.asset_of(desk.work.connection, asset_id)
    numbers = ("households", "life_months", "residual_permille")
    changes: dict[str, Any] = {
        "cost_fen": sent.fen("cost") or 0,
        "condition": sent.text("condition"),
        **{name: sent.text(name) for name in _AMENDED},
        **{name: _whole(sent, name) for name in numbers},
    }
    asset = replace(known.asset, **changes)
    service.amend(desk, [service.Amendment(asset_id, asset, sent.text("reason"))])


def _whole(sent: Sent, name: str) -> int | None:
    text = sent.text(name)
    if text and not text.isdecimal():
        raise Invalid("a whole number", code="form.number", place=name, value=text)
    return int(text) if text else None


def _photograph(desk: Desk, asset_id: UUID, sent: Sent) -> None:
    if not any(sent.photos):
        raise Invalid("choose a photo", code="photo.none", place="photo")
    for body in filter(None, sent.photos):
        photograph(desk, asset_id, read_picture(body), sent.text("caption"))


def _fields(*fields: Field) -> Callable[[Connection, queries.Known], Sequence[Field]]:
    return lambda _connection, _known: fields


_LATE = ("registered", "certified", "handed_over")

_PHOTO = _fields(Field("photo", "photo"), Field("caption", required=False))


def _post(desk: Desk, asset_id: UUID, sent: Sent) -> None:
    steps.post_notice(desk, [asset_id], posting_of(desk, sent), sent.day())


def _register(desk: Desk, asset_id: UUID, sent: Sent) -> None:
    steps.register(desk, [asset_id], sent.day())


def _certify(desk: Desk, asset_id: UUID, sent: Sent) -> None:
    steps.certify(desk, [asset_id], sent.day())


def _hand_over(desk: Desk, asset_id: UUID, sent: Sent) -> None:
    steps.hand_over(desk, [asset_id], sent.text("receiver"), sent.day())


ACTIONS: Mapping[str, Action] = {
    each.name: each
    for each in (
        Action("amend", KEEP, (), _amend_fields, _amend),
        Action("photo", KEEP, (), _PHOTO, _photograph),
        Action("determine", DECIDE, WAY[:3], _determine_fields, _determine),
        Action("notice", DECIDE, ("determined",), _notice_fields, _post),
        Action("register", DECIDE, ("noticed",), _fields(_DAY), _register),
        Action("certify", DECIDE, _LATE, _fields(_DAY), _certify),
        Action("hand_over", DECIDE, ("certified",), _fields(Field("receiver"), _DAY), _hand_over),
        Action("transfer", DECIDE, _LATE, _transfer_fields, _transfer),
        Action("quantify", DECIDE, _LATE, _fields(Field("units", "area"), _BASIS, _DAY), _quantify),
        Action("mark", DECIDE, (), _mark_fields, _mark),
        Action("lift", DECIDE, (), _lift_fields, _lift),
        Action("revoke", DECIDE, _LATE, _revoke_fields, _revoke),
    )
}


def offers(
    visitor: Visitor,
    known: queries.Known,
    certificates: Sequence[paper_queries.Issued],
    marks: Sequence[right_queries.Marked],
) -> list[Offer]:
    """Return what a visitor may do with an asset where it stands."""
    valid = any(each.revoked_on is None for each in certificates)
    standing = any(each.lifted_on is None for each in marks)
    unfit = {"certify": valid, "revoke": not valid, "lift": not standing}
    return [
        Offer(name, f"/assets/a/{known.asset_id}/do/{name}")
        for name, action in ACTIONS.items()
        if known.state.stage != "disposed"
        and (not action.stages or known.state.stage in action.stages)
        and not unfit.get(name)
        and visitor.may(action.permission, known.asset.region)
    ]
