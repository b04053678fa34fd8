"""Minutes of an opening as PDF: who watched, every bid by number, the rule and what came of it."""

from typing import Any

from longmai.domains.assets.market.queries import Listing
from longmai.domains.assets.meetings.minutes import TEMPLATE
from longmai.domains.assets.register.pages import yuan
from longmai.portal.qr import qr_svg
from longmai.portal.rendering import Words, local_time
from longmai.portal.typeset import pdf_of


def minutes_pdf(listing: Listing, address: str, t: Words) -> bytes:
    """Return the minutes of an opening, A4, in the language of the words."""
    row, outcome = listing.row, listing.outcome
    said = outcome["minutes"]
    told = {
        "language": t.language,
        "organisation": t.house.regions.path_name(row.region, t.language),
        "title": t("market.minutes.title"),
        "mark": t("portal.sample") if row.sample else "",
        "qr": qr_svg(address),
        "scan": t("meetings.minutes_scan"),
        "footer": address,
        "page_of": t("certificate.page_of"),
        "facts": [
            [t("market.what"), row.title],
            [t("market.method.title"), t(f"market.method.{listing.method}")],
            [t("market.reserve"), money(t, row.reserve_fen, row.basis)],
            [t("market.closes"), local_time(listing.ends_at)],
            *([t(f"market.minutes.{name}"), said[name]] for name in ("host", "witnesses", "place")),
        ],
        "items": [_result(listing, t)],
        "discussion": said["note"],
        "words": {"discussion": t("market.minutes.note"), "sign": t("meetings.signatures")},
        "signatures": [
            [t("market.minutes.host"), said["host"]],
            [t("market.minutes.witnesses"), said["witnesses"]],
            [t("market.winner"), outcome["winner_name"]],
        ],
    }
    return pdf_of(TEMPLATE, told)


def _result(listing: Listing, t: Words) -> dict[str, Any]:
    outcome, basis = listing.outcome, listing.row.basis
    facts = [
        [t("market.bidder_number", n=number), money(t, amount, basis)]
        for number, amount in outcome["ranking"]
    ]
    facts += [
        [t(f"market.{name}"), "、".join(map(str, outcome[name]))]
        for name in ("below", "unrevealed")
        if outcome[name]
    ]
    if outcome["drawn"]:
        facts.append([t("market.drawn"), t("market.drawn_how")])
    if outcome["winner"] is None:
        result = t("market.stage.failed")
    else:
        result = t(
            "market.won",
            n=outcome["winner"],
            name=outcome["winner_name"],
            price=money(t, outcome["price_fen"], basis),
        )
    return {
        "title": t("market.result"),
        "text": t(f"market.rule.{listing.method}"),
        "facts": facts,
        "clauses": [],
        "result": result,
    }


def money(t: Words, amount_fen: int, basis: str) -> str:
    """Write a price with what it is for."""
    return t(f"market.per.{basis}", yuan=yuan(amount_fen))
