"""Minutes as PDF: what was decided, by which votes, with the arithmetic and the articles."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import manimgx_fonts_cjk
import typst

from longmai.domains.assets.meetings.views import ItemView, MeetingView
from longmai.portal.qr import qr_svg
from longmai.portal.rendering import Words, local_time
from longmai.rules.policy.explanation import Reason

TEMPLATE = Path(__file__).with_name("minutes.typ")
"""Sets minutes of any kind."""
_FONTS = Path(manimgx_fonts_cjk.__file__).parent
_TALLIES = (
    "electors",
    "present",
    "agree",
    "against",
    "abstain",
    "spoiled",
    "duplicates",
    "recused",
)


def minutes_pdf(view: MeetingView, organisation: str, address: str, t: Words) -> bytes:
    """Return the minutes of a meeting that was closed, A4, in the language of the words.

    Args:
        view: of the meeting.
        organisation: its name.
        address: of the page, in the QR code.
        t: words.
    """
    meeting, closing = view.meeting, view.meeting.closing
    told = {
        "language": t.language,
        "organisation": organisation,
        "title": meeting.title,
        "mark": t("portal.sample") if meeting.sample else "",
        "qr": qr_svg(address),
        "scan": t("meetings.minutes_scan"),
        "footer": address,
        "page_of": t("certificate.page_of"),
        "facts": [list(each) for each in _facts(view, t)],
        "items": [_item(each, t) for each in view.items],
        "discussion": closing.get("discussion", ""),
        "words": {"discussion": t("meetings.discussion"), "sign": t("meetings.signatures")},
        "signatures": [
            [t(f"meetings.{name}"), closing.get(name, "")]
            for name in ("chair", "recorder", "counters")
        ],
    }
    pdf: bytes = typst.compile(
        TEMPLATE,
        font_paths=[_FONTS],
        ignore_system_fonts=True,
        sys_inputs={"told": json.dumps(told, ensure_ascii=False)},
    )
    return pdf


def _facts(view: MeetingView, t: Words) -> Sequence[tuple[str, str]]:
    meeting = view.meeting
    ways = meeting.by_channel
    return (
        (t("meetings.organ"), t(f"meetings.organs.{meeting.organ.key}")),
        (t("meetings.law"), t(f"meetings.laws.{meeting.organ.law}")),
        (t("meetings.noticed_on"), meeting.noticed_on.isoformat()),
        (t("meetings.held_on"), f"{meeting.held_on} {meeting.starts}"),
        (t("meetings.place"), meeting.place),
        (t("meetings.opened_at"), local_time(meeting.opened_at) if meeting.opened_at else "–"),
        (t("meetings.ballot"), t("meetings.secret" if meeting.secret else "meetings.open_ballot")),
        (t("meetings.rule"), t(f"meetings.rules.{meeting.rule}")),
        (t("meetings.present"), t("meetings.ways", **ways, n=view.present, all=view.electors)),
    )


def _item(view: ItemView, t: Words) -> dict[str, Any]:
    item, decided = view.item, view.decided
    tallies = decided.tallies if decided else {}
    facts = [[t("meetings.matter"), item.matter.name(t.language)]]
    facts.append([t("meetings.article"), item.matter.clause(t.language)])
    facts += [
        [t(f"meetings.tally.{name}"), str(tallies[name])] for name in _TALLIES if name in tallies
    ]
    passed = decided is not None and decided.passed
    return {
        "title": f"{item.number}. {item.title}",
        "text": item.text,
        "facts": facts,
        "clauses": [_clause(each, t) for each in view.told.reasons],
        "result": t("meetings.passed" if passed else "meetings.not_passed"),
    }


def _clause(reason: Reason, t: Words) -> dict[str, str]:
    sentences = [*reason.sentences, *(text for part in reason.parts for text in part.sentences)]
    state = reason.state.value.replace(" ", "_")
    return {
        "state": t(f"meetings.state_of.{state}"),
        "name": reason.name,
        "clause": reason.clause,
        "said": "；".join(sentences),
    }
