"""Judging by the policy files whether goods may be sold or bought: no certificate, no deal.

The policies are ``brand.conformity-certificate`` (who sells) and ``brand.certificate-collection``
(who buys); a refusal names the clause and what was compared with what.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from longmai.kernel.errors import Invalid, NotFound
from longmai.rules.policy.evaluation import Decision, State, evaluate
from longmai.rules.policy.explanation import Reason, explain
from longmai.rules.policy.library import Library

ISSUING = "brand.conformity-certificate"
COLLECTING = "brand.certificate-collection"

ENTRIES: Mapping[str, str] = {
    "已写名称": "product",
    "已写数量": "quantity",
    "已写产地": "origin",
    "已写开具时间": "issuedOn",
    "已写承诺主体": "promisedBy",
    "已写联系方式": "contact",
}
"""The six entries, by the policy's datum: where each stands in a certificate."""

KEPT_FOR_EVER = date.max
"""The ledger keeps its records without end."""


@dataclass(frozen=True)
class Goods:
    """What is sold.

    Attributes:
        category: kind of produce, as the policy has it.
        producer: kind of producer, likewise.
        made_on: day of the harvest, or of the packing.
        repacked: it was mixed or packed into other pieces since the harvest.
        certificate: what its own certificate says; empty: it has none.
    """

    category: str
    producer: str
    made_on: date
    repacked: bool
    certificate: Mapping[str, Any]


def refuse_sale(library: Library, goods: Goods, day: date, region: str) -> None:
    """Refuse a sale that the policy does not allow; before it is in force, nothing is refused.

    Raises:
        Invalid: the clause that is broken.
    """
    given = {
        "品类": goods.category,
        "主体类型": goods.producer,
        **{datum: bool(goods.certificate.get(name)) for datum, name in ENTRIES.items()},
        "混装或分装": goods.repacked,
        "混装后已重新开具": bool(goods.certificate),
        "采收日期": goods.made_on.isoformat(),
        "生产记录保存至": KEPT_FOR_EVER.isoformat(),
    }
    _refuse(library, ISSUING, given, (day, region), "lot")


def refuse_purchase(
    library: Library, category: str, collected: date | None, day: date, region: str
) -> None:
    """Refuse a purchase without the seller's certificate.

    Args:
        library: of policies.
        category: kind of produce; the rule is for those that the certificate is for.
        collected: when the certificate was collected; None: it was not.
        day: of the purchase.
        region: where.

    Raises:
        Invalid: the clause that is broken.
    """
    if not _is_covered(library, category, day, region):
        return
    given = {
        "已收取合格证": collected is not None,
        "收取日期": (collected or day).isoformat(),
        "保存至": KEPT_FOR_EVER.isoformat(),
        "混装或分装后销售": False,
    }
    _refuse(library, COLLECTING, given, (day, region), "paper")


def _is_covered(library: Library, category: str, day: date, region: str) -> bool:
    try:
        policy, case = library.case(ISSUING, {}, day, region)
    except NotFound:
        return False
    return category in (evaluate(policy, case).values["适用的品类"] or ())


def _refuse(
    library: Library, own: str, given: Mapping[str, Any], on: tuple[date, str], place: str
) -> None:
    try:
        policy, case = library.case(own, given, *on)
    except NotFound:
        return
    decision = evaluate(policy, case)
    if decision.state is not State.MET:
        raise Invalid(
            "the rule on certificates of promised conformity does not allow it",
            code="promise.refused",
            place=place,
            value=said_of(decision),
            mend="issue the certificate with the harvest or the packing; collect the seller's",
        )


def said_of(decision: Decision) -> str:
    """Say which clauses a decision fails by, with the document they stand in."""
    broken = [
        leaf
        for reason in explain(decision).reasons
        if reason.state is not State.MET
        for leaf in _leaves(reason)
    ]
    clauses: dict[str, list[str]] = {}
    for leaf in broken:
        clauses.setdefault(leaf.clause, []).extend(leaf.sentences)
    number = f"（{decision.policy.number}）" if decision.policy.number else ""
    return f"《{decision.policy.title}》{number} " + "；".join(
        f"{clause}：{'，'.join(said)}" for clause, said in clauses.items()
    )


def _leaves(reason: Reason) -> Iterator[Reason]:
    if not reason.parts:
        yield reason
    unmet = [part for part in reason.parts if part.state is not State.MET]
    # Of ways to comply the last is the thing to do; those before it are exemptions.
    for part in unmet[-1:] if reason.any_part else unmet:
        yield from _leaves(part)
