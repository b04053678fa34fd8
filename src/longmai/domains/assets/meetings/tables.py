"""Tables of meetings: rows are only added, each by a record; what is not projected says so."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection, Table, insert

from longmai.kernel.clock import from_text
from longmai.store.database import metadata
from longmai.store.projection import Entry, Projection
from longmai.store.types import UtcDateTime

CONVENED_KIND = "assets.meeting.convened"
DEED_KIND = "assets.meeting.deed"
TICKET_KIND = "assets.meeting.took_part"
VOTE_KIND = "assets.meeting.voted"
STRUCK_KIND = "assets.meeting.vote_struck"
PAPER_KIND = "assets.meeting.paper_counted"
DECISION_KIND = "assets.decision.made"
FOLLOW_KIND = "assets.decision.followed"

MEETING = sa.Table(
    "assets_meeting",
    metadata,
    sa.Column("record_id", sa.Uuid, primary_key=True),
    sa.Column("meeting_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("region", sa.String(12), nullable=False, index=True),
    sa.Column("organ", sa.String(32), nullable=False),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("place", sa.String, nullable=False),
    sa.Column("noticed_on", sa.Date, nullable=False),
    sa.Column("held_on", sa.Date, nullable=False, index=True),
    sa.Column("starts", sa.String(5), nullable=False),
    sa.Column("secret", sa.Boolean, nullable=False),
    sa.Column("rule", sa.String(8), nullable=False),
    sa.Column("items", sa.JSON, nullable=False),
    sa.Column("interested", sa.JSON, nullable=False),
    sa.Column("sample", sa.Boolean, nullable=False),
)

# opened, closed or cancelled: each once.
DEED = sa.Table(
    "assets_meeting_deed",
    metadata,
    sa.Column("record_id", sa.Uuid, primary_key=True),
    sa.Column("meeting_id", sa.Uuid, nullable=False),
    sa.Column("deed", sa.String(16), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("told", sa.JSON, nullable=False),
    sa.UniqueConstraint("meeting_id", "deed"),
)

# Who took part, and how first: one row a person, so that nobody has two ballots.
TICKET = sa.Table(
    "assets_meeting_ticket",
    metadata,
    sa.Column("record_id", sa.Uuid, primary_key=True),
    sa.Column("meeting_id", sa.Uuid, nullable=False),
    sa.Column("voter", sa.Uuid, nullable=False),
    sa.Column("channel", sa.String(8), nullable=False),
    sa.Column("holder", sa.Uuid),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("meeting_id", "voter"),
)

# Votes of an open ballot; of a secret one there are none here.
VOTE = sa.Table(
    "assets_meeting_vote",
    metadata,
    sa.Column("record_id", sa.Uuid, primary_key=True),
    sa.Column("meeting_id", sa.Uuid, nullable=False, index=True),
    sa.Column("item", sa.Integer, nullable=False),
    sa.Column("voter", sa.Uuid, nullable=False),
    sa.Column("channel", sa.String(8), nullable=False),
    sa.Column("choice", sa.String(8), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

STRUCK = sa.Table(
    "assets_meeting_vote_struck",
    metadata,
    sa.Column("record_id", sa.Uuid, primary_key=True),
    sa.Column("vote_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("why", sa.String, nullable=False),
)

# The paper ballots of a secret vote, counted from the box; the highest version counts.
PAPER = sa.Table(
    "assets_meeting_paper",
    metadata,
    sa.Column("record_id", sa.Uuid, primary_key=True),
    sa.Column("meeting_id", sa.Uuid, nullable=False),
    sa.Column("item", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("agree", sa.Integer, nullable=False),
    sa.Column("against", sa.Integer, nullable=False),
    sa.Column("abstain", sa.Integer, nullable=False),
    sa.Column("spoiled", sa.Integer, nullable=False),
    sa.UniqueConstraint("meeting_id", "item", "version"),
)

DECISION = sa.Table(
    "assets_decision",
    metadata,
    sa.Column("record_id", sa.Uuid, primary_key=True),
    sa.Column("meeting_id", sa.Uuid, nullable=False),
    sa.Column("item", sa.Integer, nullable=False),
    sa.Column("region", sa.String(12), nullable=False, index=True),
    sa.Column("organ", sa.String(32), nullable=False),
    sa.Column("matter", sa.String(32), nullable=False),
    sa.Column("refers", sa.String, nullable=False, index=True),
    sa.Column("passed", sa.Boolean, nullable=False),
    sa.Column("made_on", sa.Date, nullable=False),
    sa.Column("tallies", sa.JSON, nullable=False),
    sa.Column("decision", sa.JSON, nullable=False),
    sa.UniqueConstraint("meeting_id", "item"),
)

# What comes before and after a decision: steps, postings, challenges, revocation.
FOLLOW = sa.Table(
    "assets_decision_follow",
    metadata,
    sa.Column("record_id", sa.Uuid, primary_key=True),
    sa.Column("meeting_id", sa.Uuid, nullable=False, index=True),
    sa.Column("item", sa.Integer, nullable=False),
    sa.Column("act", sa.String(16), nullable=False),
    sa.Column("on_day", sa.Date, nullable=False),
    sa.Column("told", sa.JSON, nullable=False),
)

# Secret online ballots until the meeting is closed: by a random key, without time or voter, and not
# in the order of arrival. No projection: the closing record holds them all, sorted by that key.
BOX = sa.Table(
    "assets_meeting_box",
    metadata,
    sa.Column("receipt", sa.String(32), primary_key=True),
    sa.Column("meeting_id", sa.Uuid, nullable=False, index=True),
    sa.Column("choices", sa.JSON, nullable=False),
    sqlite_with_rowid=False,
)

TABLES = (MEETING, DEED, TICKET, VOTE, STRUCK, PAPER, DECISION, FOLLOW, BOX)


def _rows(
    table: Table, made: Callable[[Entry, Mapping[str, Any]], list[dict[str, Any]]]
) -> Callable[[Connection, Sequence[Entry]], None]:
    def apply(connection: Connection, entries: Sequence[Entry]) -> None:
        rows = [
            {"record_id": entry.record_id, **row}
            for entry in entries
            if entry.payload is not None
            for row in made(entry, entry.payload)
        ]
        if rows:
            connection.execute(insert(table), rows)

    return apply


def _meeting(entry: Entry, told: Mapping[str, Any]) -> list[dict[str, Any]]:
    names = ("organ", "title", "place", "starts", "secret", "rule", "items", "interested", "sample")
    return [
        {
            "meeting_id": UUID(told["meeting"]),
            "region": entry.header["region"],
            "noticed_on": date.fromisoformat(told["noticed_on"]),
            "held_on": date.fromisoformat(told["held_on"]),
            **{name: told[name] for name in names},
        }
    ]


def _deed(entry: Entry, told: Mapping[str, Any]) -> list[dict[str, Any]]:
    own = {"meeting_id": UUID(told["meeting"]), "deed": told["deed"], "told": told["told"]}
    return [own | {"at": from_text(entry.header["occurred_at"])}]


def _ticket(entry: Entry, told: Mapping[str, Any]) -> list[dict[str, Any]]:
    holder = told["holder"]
    return [
        {
            "meeting_id": UUID(told["meeting"]),
            "voter": UUID(told["voter"]),
            "channel": told["channel"],
            "holder": UUID(holder) if holder else None,
            "note": told["note"],
            "at": from_text(entry.header["occurred_at"]),
        }
    ]


def _vote(entry: Entry, told: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "meeting_id": UUID(told["meeting"]),
            "voter": UUID(told["voter"]),
            **{name: told[name] for name in ("item", "channel", "choice")},
            "at": from_text(entry.header["occurred_at"]),
        }
    ]


def _struck(entry: Entry, told: Mapping[str, Any]) -> list[dict[str, Any]]:
    del entry
    return [{"vote_id": UUID(told["vote"]), "why": told["why"]}]


def _paper(entry: Entry, told: Mapping[str, Any]) -> list[dict[str, Any]]:
    del entry
    names = ("item", "version", "agree", "against", "abstain", "spoiled")
    return [{"meeting_id": UUID(told["meeting"]), **{name: told[name] for name in names}}]


def _decision(entry: Entry, told: Mapping[str, Any]) -> list[dict[str, Any]]:
    names = ("item", "organ", "matter", "refers", "passed", "tallies", "decision")
    return [
        {
            "meeting_id": UUID(told["meeting"]),
            "region": entry.header["region"],
            "made_on": date.fromisoformat(told["made_on"]),
            **{name: told[name] for name in names},
        }
    ]


def _follow(entry: Entry, told: Mapping[str, Any]) -> list[dict[str, Any]]:
    del entry
    return [
        {
            "meeting_id": UUID(told["meeting"]),
            "on_day": date.fromisoformat(told["on"]),
            **{name: told[name] for name in ("item", "act", "told")},
        }
    ]


PROJECTIONS = tuple(
    Projection(kind, (table,), _rows(table, made))
    for kind, table, made in (
        (CONVENED_KIND, MEETING, _meeting),
        (DEED_KIND, DEED, _deed),
        (TICKET_KIND, TICKET, _ticket),
        (VOTE_KIND, VOTE, _vote),
        (STRUCK_KIND, STRUCK, _struck),
        (PAPER_KIND, PAPER, _paper),
        (DECISION_KIND, DECISION, _decision),
        (FOLLOW_KIND, FOLLOW, _follow),
    )
)
