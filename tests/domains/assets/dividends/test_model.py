"""Any charter, any shares: every fen is accounted for, in any order."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.domains.policies import library

from longmai.domains.assets.dividends.charter import MODEL, MODES, charter_text, read_charter
from longmai.domains.assets.dividends.model import (
    Distribution,
    Floor,
    Line,
    Plan,
    Work,
    distribute,
)
from longmai.domains.assets.dividends.vouchers import on_decision, on_payment, on_return
from longmai.kernel.errors import Conflict, InvalidMany

CHARTER = library().versions(MODEL)[0]
HOMES = [UUID(int=n) for n in range(1, 7)]
FEN = st.integers(0, 5_000_000)
SHARES = st.lists(st.fractions(0, 9, max_denominator=8), min_size=6, max_size=6)


def plan(*lines: tuple[str, int], floors: list[int] | None = None, work: int = 0) -> Plan:
    """Return a plan of 2025."""
    return Plan(
        "990102001201",
        2025,
        date(2025, 12, 31),
        tuple(Line(kind, kind, amount) for kind, amount in lines),
        (Work(HOMES[0], "示例", "看护", work),) if work else (),
        tuple(Floor(own, "合同", fen) for own, fen in zip(HOMES, floors or [], strict=False)),
    )


@settings(max_examples=60)
@given(
    st.tuples(FEN, FEN, FEN, FEN),
    st.tuples(st.decimals(0, 100, places=1), st.decimals(0, 100, places=1)),
    st.sampled_from(sorted(MODES)),
    SHARES,
    st.lists(st.integers(0, 60_000), max_size=6),
    st.permutations(HOMES),
)
def test_every_fen_of_the_earnings_is_accounted_for(
    amounts: tuple[int, int, int, int],
    ratios: tuple[Decimal, Decimal],
    mode: str,
    weights: list[Fraction],
    floors: list[int],
    order: list[UUID],
) -> None:
    """Fund, carried forward and dividends make up the base; floors hold, or refuse in figures."""
    assume(any(weights))
    income, cost, losses, barred = amounts
    shares = dict(zip(HOMES, weights, strict=True))
    wanted = plan(
        ("经营收入", income), ("经营支出", cost), ("未弥补亏损", losses), ("土地补偿费", barred),
        floors=floors,
    )  # fmt: skip
    assumed = {"公积公益金比例": ratios[0], "结转下年比例": ratios[1], "保底方式": mode}
    try:
        found = distribute(CHARTER, wanted, shares, assumed)
    except Conflict as error:
        refused = str(error)
    else:
        _accounted(found, wanted, income - cost - losses)
        again = distribute(
            CHARTER,
            replace(wanted, lines=wanted.lines[::-1], floors=wanted.floors[::-1]),
            {own: shares[own] for own in order},
            assumed,
        )
        assert again.parts == found.parts
        return
    base = income - cost - losses
    assert base <= 0 or "够付保底" in refused or "有可分配的收益" in refused


def _accounted(found: Distribution, wanted: Plan, base: int) -> None:
    assert found.fund_fen + found.kept_fen + found.available_fen == base
    assert sum(part.dividend_fen for part in found.parts) == found.available_fen
    assert all(part.dividend_fen >= part.floor_fen for part in found.parts)
    assert found.floors_fen == sum(floor.amount_fen for floor in wanted.floors)
    _balance(found)


def _balance(found: Distribution) -> None:
    paid = found.available_fen
    for entries in (
        on_decision(found, 2025),
        on_payment(paid, 17, 2025),
        on_return(paid, 17, 2025),
    ):
        debit = sum(each.amount_fen for each in entries if each.side == "debit")
        assert debit == sum(each.amount_fen for each in entries if each.side == "credit")


def test_work_is_a_cost_and_gifts_are_left_out() -> None:
    """Of 1,000.00 earned, 100.00 for work: 20 % of 900.00 to the fund, 720.00 divided."""
    wanted = plan(("经营收入", 100_000), ("捐赠收入", 50_000), work=10_000)
    numbers = {"公积公益金比例": Decimal(20), "结转下年比例": Decimal(0), "保底方式": "不低于"}
    with pytest.raises(Conflict):  # the model has no numbers: nobody is paid by a default
        distribute(CHARTER, wanted, dict.fromkeys(HOMES, Fraction(1)))
    found = distribute(CHARTER, wanted, dict.fromkeys(HOMES, Fraction(1)), numbers)
    assert (found.fund_fen, found.available_fen, found.labour_fen) == (18_000, 72_000, 10_000)
    assert [part.dividend_fen for part in found.parts] == [12_000] * 6
    assert found.parts[0].total_fen == 22_000


def test_a_charter_takes_the_place_of_the_models_numbers() -> None:
    """What a village fills in becomes a policy of its own that holds together."""
    numbers = {"公积公益金比例": "12.5", "保底方式": "另加", "结转下年比例": "0"}
    text = charter_text(CHARTER.text, "示例合作社", numbers, date(2026, 1, 1), "第三十条")
    own = read_charter(text)
    assert own.digest != CHARTER.digest
    found = distribute(own, plan(("经营收入", 80_000)), dict.fromkeys(HOMES, Fraction(1)))
    assert found.fund_fen == 10_000
    with pytest.raises(InvalidMany, match="公积公益金"):
        read_charter(text.replace("公积公益金", "基金"))
