"""Letters to the person: from a template, naming the clause, the reasons and the way to object."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from longmai.domains.livelihood.casework.model.case import Deed
from longmai.domains.livelihood.casework.queries import KeptAct, KeptCase
from longmai.domains.livelihood.papers import Block, Paper
from longmai.kernel.errors import NotFound
from longmai.kernel.money import fen_to_yuan
from longmai.portal.policies.said import title_of
from longmai.portal.qr import qr_svg
from longmai.portal.rendering import Words, local_time
from longmai.rules.policy.explanation import plain_number
from longmai.rules.policy.model import Policy

_FILE = Path(__file__).with_name("letters.toml")
WRITTEN = frozenset(
    {
        Deed.NOTIFIED, Deed.CONFIRMED, Deed.REFUSED, Deed.CUT_PROPOSED, Deed.CUT, Deed.UPHELD,
        Deed.OVERTURNED,
    }
)  # fmt: skip
"""Acts of which the person gets a letter."""
_AGAINST = frozenset({Deed.REFUSED, Deed.CUT, Deed.UPHELD})


def letter(kept: KeptCase, act: KeptAct, policy: Policy, t: Words) -> Paper:
    """Return the letter of an act.

    Raises:
        NotFound: of such an act nobody gets a letter.
    """
    deed = act.act.deed
    if deed not in WRITTEN:
        raise NotFound("there is no letter of this act", code="case.letter", value=deed)
    words = _templates()[deed.value][t.language]
    told = _told(kept, act, policy, t)
    body = [line.format(**told) for line in words["body"]]
    message = act.act.data.get("message")
    if message:
        body = [line for line in str(message["body"]).split("\n") if line.strip()]
    blocks = [Block("", body)]
    if deed in _AGAINST:
        blocks.append(Block(t("casework.letter.object"), [_templates()["objection"][t.language]]))
    address = f"{t.house.settings.public_url.rstrip('/')}/ledger/records/{act.record_id}"
    return Paper(
        language=t.language,
        title=words["title"],
        number=t("casework.letter.number", number=str(act.record_id)[:13]),
        to=t("casework.letter.to", name=kept.name),
        blocks=blocks,
        footer=address,
        mark=t("certificate.sample") if kept.sample else "",
        signature=[
            t("casework.letter.office", place=t.house.regions.path_name(kept.region, t.language)),
            local_time(act.at, "%Y-%m-%d"),
        ],
        qr=qr_svg(address),
        scan=t("casework.letter.scan"),
    )


def notice(kept: KeptCase, policy: Policy, t: Words) -> tuple[str, str]:
    """Return title and words of the notice with which a case begins, to be changed by hand."""
    words = _templates()["notified"][t.language]
    told = {"policy": title_of(policy, t.language), "reasons": _found_reasons(kept, t)}
    return words["title"], "\n".join(line.format(**told) for line in words["body"])


def _told(kept: KeptCase, act: KeptAct, policy: Policy, t: Words) -> Mapping[str, str]:
    data = act.act.data
    clause = str(data.get("clause", ""))
    quoted = policy.clauses.get(clause)
    heard = next((each for each in reversed(kept.acts) if each.act.deed is Deed.HEARD), None)
    return {
        "policy": title_of(policy, t.language),
        "clause": clause,
        "clause_text": "" if quoted is None else quoted.text,
        "reasons": str(data.get("reasons") or data.get("note") or _found_reasons(kept, t)),
        "amount": _amount(data, policy, t),
        "start": str(data.get("start", "")),
        "change": _change(data, policy, t),
        "heard": "" if heard is None else str(heard.act.data["note"]),
        "heard_on": "" if heard is None else local_time(heard.at, "%Y-%m-%d"),
    }


def _found_reasons(kept: KeptCase, t: Words) -> str:
    told = kept.found.get("reasons", ())
    sentences = [str(each) for reason in told for each in reason["sentences"]]
    return t("casework.letter.and").join(sentences) or t("casework.letter.by_check")


def _amount(data: Mapping[str, Any], policy: Policy, t: Words) -> str:
    amount = data.get("amount_fen")
    if amount is None or policy.amount is None:
        return ""
    shown = f"{plain_number(fen_to_yuan(amount))} {policy.amount.unit}"
    return t("casework.letter.amount", amount=shown, start=data["start"])


def _change(data: Mapping[str, Any], policy: Policy, t: Words) -> str:
    amount = data.get("amount_fen")
    if not amount:
        return t("casework.letter.ends")
    unit = "" if policy.amount is None else policy.amount.unit
    return t("casework.letter.reduced", amount=f"{plain_number(fen_to_yuan(amount))} {unit}")


@cache
def _templates() -> Mapping[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
