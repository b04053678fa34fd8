"""Tables of the roll: each state of a household is a record; the highest version counts."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection, insert

from longmai.portal.pinyin import initials
from longmai.store.database import metadata
from longmai.store.projection import Entry, Projection

ORGANISATION_KIND = "assets.organisation.entered"
HOUSEHOLD_KIND = "assets.household.entered"
OFFICE_KIND = "assets.office.taken"
OFFICE_END_KIND = "assets.office.left"
KIN_KIND = "assets.kin.declared"

ORGANISATION = sa.Table(
    "assets_organisation",
    metadata,
    sa.Column("record_id", sa.Uuid, primary_key=True),
    sa.Column("region", sa.String(12), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("code", sa.String(18), nullable=False),
    sa.Column("sample", sa.Boolean, nullable=False),
    sa.UniqueConstraint("region", "version"),
)

HOUSEHOLD = sa.Table(
    "assets_household",
    metadata,
    sa.Column("record_id", sa.Uuid, primary_key=True),
    sa.Column("household_id", sa.Uuid, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("region", sa.String(12), nullable=False, index=True),
    sa.Column("number", sa.String(40), nullable=False),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("shares", sa.String(64), nullable=False),
    sa.Column("account", sa.String(40), nullable=False),
    sa.Column("payee", sa.String, nullable=False),
    sa.Column("dissolved", sa.Boolean, nullable=False),
    sa.Column("sample", sa.Boolean, nullable=False),
    sa.UniqueConstraint("household_id", "version"),
)

MEMBER = sa.Table(
    "assets_member",
    metadata,
    sa.Column("record_id", sa.Uuid, sa.ForeignKey("assets_household.record_id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("member_id", sa.Uuid, nullable=False, index=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("initials", sa.String(64), nullable=False),
    sa.Column("sex", sa.String(8), nullable=False),
    sa.Column("born_on", sa.Date),
    sa.Column("capacity", sa.String(8), nullable=False),
    sa.Column("belongs", sa.Boolean, nullable=False),
    sa.Column("villager", sa.Boolean, nullable=False),
    sa.Column("head", sa.Boolean, nullable=False),
    sa.Column("shares", sa.String(64), nullable=False),
    sa.Column("login", sa.String, nullable=False, index=True),
)

OFFICE = sa.Table(
    "assets_office",
    metadata,
    sa.Column("record_id", sa.Uuid, primary_key=True),
    sa.Column("region", sa.String(12), nullable=False, index=True),
    sa.Column("member_id", sa.Uuid, nullable=False, index=True),
    sa.Column("office", sa.String(32), nullable=False),
    sa.Column("since", sa.Date, nullable=False),
)

OFFICE_END = sa.Table(
    "assets_office_ended",
    metadata,
    sa.Column("record_id", sa.Uuid, primary_key=True),
    sa.Column("office_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("until", sa.Date, nullable=False),
)

KIN = sa.Table(
    "assets_kin",
    metadata,
    sa.Column("record_id", sa.Uuid, primary_key=True),
    sa.Column("region", sa.String(12), nullable=False, index=True),
    sa.Column("one", sa.Uuid, nullable=False),
    sa.Column("other", sa.Uuid, nullable=False),
    sa.Column("relation", sa.String, nullable=False),
)

TABLES = (ORGANISATION, HOUSEHOLD, MEMBER, OFFICE, OFFICE_END, KIN)


def _organisations(connection: Connection, entries: Sequence[Entry]) -> None:
    rows = [
        {
            "record_id": entry.record_id,
            "region": entry.header["region"],
            **{name: told[name] for name in ("version", "name", "code", "sample")},
        }
        for entry in entries
        if (told := entry.payload) is not None
    ]
    if rows:
        connection.execute(insert(ORGANISATION), rows)


def _households(connection: Connection, entries: Sequence[Entry]) -> None:
    homes, people = [], []
    for entry in entries:
        if entry.payload is None:
            continue
        homes.append(_household_row(entry, entry.payload))
        people += [
            _member_row(entry.record_id, position, told)
            for position, told in enumerate(entry.payload["members"])
        ]
    if homes:
        connection.execute(insert(HOUSEHOLD), homes)
    if people:
        connection.execute(insert(MEMBER), people)


def _household_row(entry: Entry, told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "record_id": entry.record_id,
        "household_id": UUID(told["household"]),
        "region": entry.header["region"],
        "since": date.fromisoformat(told["since"]),
        **{
            name: told[name]
            for name in ("version", "number", "shares", "account", "payee", "dissolved", "sample")
        },
    }


def _member_row(record_id: UUID, position: int, told: Mapping[str, Any]) -> dict[str, Any]:
    born = told["born_on"]
    return {
        "record_id": record_id,
        "position": position,
        "member_id": UUID(told["member"]),
        "initials": initials(told["name"])[:64],
        "born_on": date.fromisoformat(born) if born else None,
        **{
            name: told[name]
            for name in (
                "name", "sex", "capacity", "belongs", "villager", "head", "shares", "login",
            )
        },
    }  # fmt: skip


def _offices(connection: Connection, entries: Sequence[Entry]) -> None:
    rows = [
        {
            "record_id": entry.record_id,
            "region": entry.header["region"],
            "member_id": UUID(told["member"]),
            "office": told["office"],
            "since": date.fromisoformat(told["since"]),
        }
        for entry in entries
        if (told := entry.payload) is not None
    ]
    if rows:
        connection.execute(insert(OFFICE), rows)


def _ends(connection: Connection, entries: Sequence[Entry]) -> None:
    rows = [
        {
            "record_id": entry.record_id,
            "office_id": UUID(told["office"]),
            "until": date.fromisoformat(told["until"]),
        }
        for entry in entries
        if (told := entry.payload) is not None
    ]
    if rows:
        connection.execute(insert(OFFICE_END), rows)


def _kin(connection: Connection, entries: Sequence[Entry]) -> None:
    rows = [
        {
            "record_id": entry.record_id,
            "region": entry.header["region"],
            "one": UUID(told["one"]),
            "other": UUID(told["other"]),
            "relation": told["relation"],
        }
        for entry in entries
        if (told := entry.payload) is not None
    ]
    if rows:
        connection.execute(insert(KIN), rows)


PROJECTIONS = (
    Projection(ORGANISATION_KIND, (ORGANISATION,), _organisations),
    Projection(HOUSEHOLD_KIND, (HOUSEHOLD, MEMBER), _households),
    Projection(OFFICE_KIND, (OFFICE,), _offices),
    Projection(OFFICE_END_KIND, (OFFICE_END,), _ends),
    Projection(KIN_KIND, (KIN,), _kin),
)
