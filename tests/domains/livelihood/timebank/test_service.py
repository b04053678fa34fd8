"""Acts of the time bank: limits refuse, corrections are reversals, clearing is never half."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from tests.domains.livelihood.timebank.town import (
    REGION,
    START,
    Town,
    as_account,
    rules,
    town,
)

from longmai.domains.livelihood.timebank.agreeing import (
    Agreement,
    NewNotice,
    agree,
    cancel,
    put_up,
    take_down,
)
from longmai.domains.livelihood.timebank.booking import (
    donate,
    expire,
    gift,
    grant,
    redeem,
    take_back,
    transfer,
)
from longmai.domains.livelihood.timebank.books import (
    GROUP,
    available,
    balances,
    faults,
    member_of,
    money_fen,
    owed,
    totals,
)
from longmai.domains.livelihood.timebank.desk import Desk
from longmai.domains.livelihood.timebank.founding import (
    NewBank,
    declare_rules,
    endow,
    open_bank,
    pay_in,
)
from longmai.domains.livelihood.timebank.members import NewMember, join, note_kin, note_trait
from longmai.domains.livelihood.timebank.model.rules import PACKS, rules_in
from longmai.domains.livelihood.timebank.model.sign import HOLDS, write_code
from longmai.domains.livelihood.timebank.settling import settle
from longmai.domains.livelihood.timebank.signing import new_code, sign, sign_by_hand
from longmai.domains.livelihood.timebank.tables import ENTRY, PRESENCE
from longmai.kernel.errors import Conflict, Forbidden, Invalid, InvalidMany, LongmaiError, NotFound
from longmai.portal.rights.model import Policy
from longmai.portal.rights.visitor import Visitor
from longmai.store.rebuild import rebuild

KEY = b"k" * 32


@pytest.fixture
def here(sqlite_url: str) -> Iterator[Town]:
    """An empty town."""
    with town(sqlite_url) as opened:
        yield opened
        with opened.store.read() as connection:
            assert list(faults(connection)) == []
        assert list(rebuild(opened.store)) == []


def serve(here: Town, helper: UUID, recipient: UUID, minutes: int = 60, **more: object) -> UUID:
    """Agree on a service, sign in and out by hand; return the booking."""
    told = {"item": "chat", "planned_at": here.clock.now(), "planned": minutes, **more}
    with here.desk() as desk:
        service = agree(desk, Agreement(helper, recipient, **told))  # type: ignore[arg-type] # by name
        sign_by_hand(desk, service, "in", here.clock.now(), "没有手机")
    here.clock.pass_by(minutes=minutes)
    with here.desk() as desk:
        entry = sign_by_hand(desk, service, "out", here.clock.now(), "没有手机").entry_id
    assert entry is not None
    return entry


def balance(here: Town, member: UUID, kind: str = "member") -> int:
    """Return what stands on a member's account."""
    with here.store.read() as connection:
        bank = member_of(connection, member).bank_id
        return balances(connection, bank, [f"{kind}:{member}"])[f"{kind}:{member}"]


def refused(
    here: Town, error: type[LongmaiError], code: str, act: Callable[[Desk], object]
) -> None:
    """See an act refused, and nothing of it written."""
    with here.store.read() as connection:
        before = connection.scalar(select(func.count()).select_from(ENTRY))
    with pytest.raises(error) as refusal, here.desk() as desk:
        act(desk)
    assert refusal.value.code == code
    with here.store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(ENTRY)) == before


def poor(here: Town, bank: UUID, **more: Any) -> UUID:
    """Let somebody join whom the bank pays for."""
    return here.member(bank, "王五", traits=[("低保", "低保证")], **more)


# Opening ------------------------------------------------------------------------------------------


def test_a_bank_does_not_open_on_what_nobody_confirmed(here: Town) -> None:
    """The examples leave limits open, and an open limit is not none."""
    with pytest.raises(InvalidMany), here.desk() as desk:
        open_bank(desk, NewBank("x", REGION, rules_in(PACKS, "beijing-style")))


def test_rules_change_from_a_day_on_and_never_back(here: Town) -> None:
    """What holds today stays until then."""
    bank = here.bank(rules(cap_minutes=600))
    tomorrow = date(2026, 3, 3)
    with here.desk() as desk:
        declare_rules(desk, bank, rules(cap_minutes=60), tomorrow)
        assert desk.rules(bank).number("cap_minutes") == 600
    refused(
        here,
        Conflict,
        "hours.rules.past",
        lambda desk: declare_rules(desk, bank, rules(), date(2026, 3, 1)),
    )
    here.clock.pass_by(days=1)
    with here.desk() as desk:
        assert desk.rules(bank).number("cap_minutes") == 60


def test_who_joins(here: Town) -> None:
    """Minors with a guardian, nobody younger than the rules say, each account once."""
    bank = here.bank(rules())
    refused(
        here,
        Invalid,
        "hours.guardian",
        lambda desk: join(desk, bank, NewMember("小", REGION, born=date(2010, 1, 1))),
    )
    refused(
        here,
        Forbidden,
        "hours.young",
        lambda desk: join(desk, bank, NewMember("小", REGION, born=date(2020, 1, 1))),
    )
    refused(here, Invalid, "hours.born", lambda desk: join(desk, bank, NewMember("小", REGION)))
    refused(
        here,
        Invalid,
        "hours.region",
        lambda desk: join(desk, bank, NewMember("远", "9902", born=date(1960, 1, 1))),
    )
    account = uuid4()
    here.member(bank, born=2010, guardian="李四", account_id=account)
    refused(
        here,
        Conflict,
        "hours.known",
        lambda desk: join(
            desk, bank, NewMember("又", REGION, born=date(1960, 1, 1), account_id=account)
        ),
    )


# Services -----------------------------------------------------------------------------------------


def test_a_service_moves_hours_from_who_is_served(here: Town) -> None:
    """The bank issues hours for the poor; others pay, and what they will pay is kept for it."""
    bank = here.bank(rules())
    anna, old = here.member(bank), poor(here, bank)
    serve(here, anna, old, 90)
    assert balance(here, anna) == 90
    helper = here.member(bank, "赵六", 1990)
    with here.desk() as desk:
        service = agree(desk, Agreement(helper, anna, "chat", START, 60))
        assert available(desk.connection, member_of(desk.connection, anna), desk.day).free == 30
    refused(here, Conflict, "hours.member_short", lambda desk: donate(desk, anna, 31))
    refused(
        here,
        Conflict,
        "hours.member_short",
        lambda desk: agree(desk, Agreement(helper, anna, "chat", START, 31)),
    )
    with here.desk() as desk:
        cancel(desk, service, "下雨")
        donate(desk, anna, 31)
    serve(here, helper, anna, 59)
    assert (balance(here, anna), balance(here, helper)) == (0, 59)


def test_longer_than_agreed_is_not_credited(here: Town) -> None:
    """The certificate still counts all that was served."""
    bank = here.bank(rules())
    anna, old = here.member(bank), poor(here, bank)
    with here.desk() as desk:
        service = agree(desk, Agreement(anna, old, "chat", START, 30))
        sign_by_hand(desk, service, "in", START, "x")
    here.clock.pass_by(minutes=75)
    with here.desk() as desk:
        sign_by_hand(desk, service, "out", here.clock.now(), "x")
        row = desk.connection.execute(select(ENTRY)).one()
    assert (row.served, balance(here, anna)) == (75, 30)


@pytest.mark.parametrize(
    ("over", "above"), [("honour", "honour"), ("fund", "fund"), ("refuse", "")]
)
def test_above_the_cap(here: Town, over: str, above: str) -> None:
    """To the member's honour, to the fund, or not credited; never onto the account."""
    bank = here.bank(rules(cap_minutes=100, over_cap=over))
    anna, old = here.member(bank), poor(here, bank)
    serve(here, anna, old, 90)
    serve(here, anna, old, 90)
    assert balance(here, anna) == 100
    with here.store.read() as connection:
        found = totals(connection, bank)
        last = connection.execute(select(ENTRY).order_by(ENTRY.c.record_id.desc())).first()
    assert {"honour": found.honour, "fund": found.fund, "": 0}[above] == (80 if above else 0)
    assert last is not None
    assert last.refused == (0 if above else 80)


def test_the_limits_of_a_day(here: Town) -> None:
    """So many services, so many minutes; tomorrow is another day."""
    bank = here.bank(rules(daily_services=2, daily_minutes=100))
    anna, old = here.member(bank), poor(here, bank)
    serve(here, anna, old, 60)
    serve(here, anna, old, 60)
    assert balance(here, anna) == 100
    with here.desk() as desk:
        service = agree(desk, Agreement(anna, old, "chat", START, 10))
    refused(
        here, Conflict, "hours.daily", lambda desk: sign_by_hand(desk, service, "in", desk.now, "x")
    )
    here.clock.pass_by(days=1)
    with here.desk() as desk:
        sign_by_hand(desk, service, "in", desk.now, "x")


def test_a_service_is_refused_that_the_rules_do_not_know(here: Town) -> None:
    """Items, lengths, ages, risk without insurance, strangers."""
    bank, other = here.bank(rules()), here.bank(rules(), "别的银行")
    anna, old, young = here.member(bank), poor(here, bank), here.member(bank, "小王", 2000)
    elsewhere = here.member(other)
    for error, code, wish in (
        (Invalid, "hours.item", Agreement(anna, old, "fly", START, 10)),
        (Invalid, "hours.length", Agreement(anna, old, "chat", START, 241)),
        (Invalid, "hours.insurance", Agreement(anna, old, "doctor", START, 60)),
        (Forbidden, "hours.served_age", Agreement(anna, young, "chat", START, 60)),
        (Invalid, "hours.parties", Agreement(anna, anna, "chat", START, 60)),
        (Invalid, "hours.parties", Agreement(anna, elsewhere, "chat", START, 60)),
    ):
        refused(here, error, code, lambda desk, wish=wish: agree(desk, wish))  # type: ignore[misc] # bound
    serve(here, anna, old, 60, item="doctor", insurance="保单 1")
    assert balance(here, anna) == 90


def test_two_phones_sign_either_way_round(here: Town) -> None:
    """The other party scans; nobody else can, nor the one who shows it; twice is once."""
    bank = here.bank(rules())
    one, two, three = uuid4(), uuid4(), uuid4()
    anna = here.member(bank, account_id=one)
    old = poor(here, bank, account_id=two)
    here.member(bank, "外人", account_id=three)
    with here.desk(as_account(one)) as desk:
        service = agree(desk, Agreement(anna, old, "chat", START, 60))
        shown = write_code(new_code(desk, service, anna), KEY)
    for wrong in (one, three):
        with pytest.raises(Forbidden, match="other party"), here.desk(as_account(wrong)) as desk:
            sign(desk, shown, KEY)
    with here.desk(as_account(two)) as desk:
        assert sign(desk, shown, KEY).entry_id is None
    with pytest.raises(Conflict), here.desk(as_account(two)) as desk:
        sign(desk, shown, KEY)
    here.clock.pass_by(minutes=50)
    with here.desk(as_account(two)) as desk:
        shown = write_code(new_code(desk, service, old), KEY)
    here.clock.pass_by(seconds=HOLDS.total_seconds() + 1)
    with pytest.raises(Forbidden, match="over"), here.desk(as_account(one)) as desk:
        sign(desk, shown, KEY)
    with here.desk(as_account(two)) as desk:
        shown = write_code(new_code(desk, service, old), KEY)
    with here.desk(as_account(one)) as desk:
        assert sign(desk, shown, KEY).entry_id is not None
        methods = desk.connection.scalars(select(PRESENCE.c.method)).all()
    assert (balance(here, anna), methods) == (52, ["qr", "qr"])


def test_by_hand_needs_the_post_a_reason_and_an_order(here: Town) -> None:
    """A coordinator's sign-in says why."""
    bank = here.bank(rules())
    account = uuid4()
    anna, old = here.member(bank, account_id=account), poor(here, bank)
    with here.desk() as desk:
        service = agree(desk, Agreement(anna, old, "chat", START, 60))
    nobody = Visitor("account:y", Policy({}), date(2026, 3, 2), account_id=account)
    with pytest.raises(Forbidden), here.desk(nobody) as desk:
        sign_by_hand(desk, service, "in", START, "x")
    refused(here, Invalid, "hours.text", lambda desk: sign_by_hand(desk, service, "in", START, " "))
    refused(
        here,
        Conflict,
        "hours.sign.order",
        lambda desk: sign_by_hand(desk, service, "out", START, "x"),
    )
    refused(
        here,
        Invalid,
        "hours.sign.future",
        lambda desk: sign_by_hand(desk, service, "in", START + timedelta(days=1), "x"),
    )
    with here.desk() as desk:
        sign_by_hand(desk, service, "in", START, "x")
    refused(
        here,
        Invalid,
        "hours.sign.before",
        lambda desk: sign_by_hand(desk, service, "out", START - timedelta(hours=1), "x"),
    )
    refused(here, Conflict, "hours.begun", lambda desk: cancel(desk, service, "x"))


# Hours given, kept, ended -------------------------------------------------------------------------


def earn(here: Town, bank: UUID, minutes: int = 120, **more: Any) -> UUID:
    """Let somebody join and earn."""
    member = here.member(bank, **more)
    serve(here, member, poor(here, bank), minutes)
    return member


def test_hours_are_given_to_kin_only(here: Town) -> None:
    """Kin by a recorded proof; one's own hours only; a group's to nobody."""
    bank = here.bank(rules())
    account = uuid4()
    anna = earn(here, bank, account_id=account)
    child, stranger = here.member(bank, "孩子", 1990), here.member(bank, "路人", 1990)
    with here.desk() as desk:
        note_kin(desk, anna, child, "child", "户口簿")
    refused(here, Forbidden, "hours.gift", lambda desk: gift(desk, anna, stranger, 10))
    refused(here, Forbidden, "hours.gift", lambda desk: gift(desk, anna, anna, 10))
    with pytest.raises(Forbidden), here.desk(as_account(uuid4())) as desk:
        gift(desk, anna, child, 10)
    with here.desk(as_account(account)) as desk:
        gift(desk, anna, child, 50)
    assert (balance(here, anna), balance(here, child)) == (70, 50)
    with here.desk() as desk:
        team = join(desk, bank, NewMember("志愿队", REGION, GROUP))
        note_kin(desk, team, child, "child", "x")
    serve(here, team, poor(here, bank), 60)
    refused(here, Forbidden, "hours.group", lambda desk: gift(desk, team, child, 10))
    with here.desk() as desk:
        donate(desk, team, 60)


def test_a_month_s_grant_from_the_fund(here: Town) -> None:
    """To whom the rules name, once a month, as long as the fund has hours."""
    bank = here.bank(rules())
    old = here.member(bank, "老人", 1940)
    refused(here, Forbidden, "hours.grant.who", lambda desk: grant(desk, old, "empty-nest"))
    with here.desk() as desk:
        note_trait(desk, old, "空巢独居", "村委会走访")
    refused(here, Conflict, "hours.fund_short", lambda desk: grant(desk, old, "empty-nest"))
    with here.desk() as desk:
        endow(desk, bank, 480, "县民政局")
        first = grant(desk, old, "empty-nest")
    refused(here, Conflict, "hours.grant.month", lambda desk: grant(desk, old, "empty-nest"))
    with here.desk() as desk:
        take_back(desk, first, "记错了人")
        grant(desk, old, "empty-nest")
    here.clock.pass_by(days=31)
    with here.desk() as desk:
        grant(desk, old, "empty-nest")
    assert balance(here, old) == 480


def test_minutes_end_first_in_first_out(here: Town) -> None:
    """What was spent counts against the oldest; what has ended cannot be spent, booked or not."""
    bank = here.bank(rules(expires_months=1, daily_services="none"))
    anna = earn(here, bank, 100)
    here.clock.pass_by(days=20)
    serve(here, anna, poor(here, bank), 60)
    with here.desk() as desk:
        donate(desk, anna, 30)
    here.clock.pass_by(days=15)
    with here.desk() as desk:
        found = available(desk.connection, member_of(desk.connection, anna), desk.day)
        assert (found.balance, found.ended, found.free) == (130, 70, 60)
    refused(here, Conflict, "hours.member_short", lambda desk: donate(desk, anna, 61))
    with here.desk() as desk:
        [booked] = expire(desk, bank)
        assert expire(desk, bank) == []
    assert balance(here, anna) == 60
    with here.desk() as desk:
        take_back(desk, booked, "缓一天")
        assert available(desk.connection, member_of(desk.connection, anna), desk.day) == found


def test_redeeming_needs_the_age_and_a_price(here: Town) -> None:
    """Hours leave circulation; what the rules name without a price cannot be had."""
    raw = {
        **rules().raw,
        "redeems": [
            {"code": "haircut", "name": "理发券", "name_en": "haircut", "minutes": 60},
            {"code": "home", "name": "x", "name_en": "x", "minutes": None},
        ],
    }
    bank = here.bank(type(rules())(raw))
    young, old = earn(here, bank, born=1990), earn(here, bank, born=1950)
    refused(here, Forbidden, "hours.spend_age", lambda desk: redeem(desk, young, "haircut"))
    refused(here, NotFound, "hours.redeem", lambda desk: redeem(desk, old, "home"))
    with here.desk() as desk:
        redeem(desk, old, "haircut")
    assert balance(here, old) == 60


# Taking back --------------------------------------------------------------------------------------


def test_taking_back_restores_and_is_done_once(here: Town) -> None:
    """By an entry of its own, with a reason; nothing that was booked goes away."""
    bank = here.bank(rules(cap_minutes=100))
    anna, old = here.member(bank), poor(here, bank)
    serve(here, anna, old, 90)
    second = serve(here, anna, old, 90)
    refused(here, Invalid, "hours.text", lambda desk: take_back(desk, second, ""))
    with here.desk() as desk:
        [reversal] = take_back(desk, second, "重复登记")
    assert (balance(here, anna), balance(here, anna, "honour")) == (90, 0)
    refused(here, Conflict, "hours.taken_back", lambda desk: take_back(desk, second, "x"))
    refused(here, Conflict, "hours.reversal", lambda desk: take_back(desk, reversal, "x"))
    refused(here, NotFound, "hours.entry", lambda desk: take_back(desk, uuid4(), "x"))
    with here.store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(ENTRY)) == 3


def test_what_was_spent_cannot_be_taken_back(here: Town) -> None:
    """Nor what an agreed service will take: the account would fall below zero."""
    bank = here.bank(rules())
    anna, old = here.member(bank), poor(here, bank)
    entry = serve(here, anna, old, 60)
    helper = here.member(bank, "帮手", 1990)
    with here.desk() as desk:
        service = agree(desk, Agreement(helper, anna, "chat", START, 60))
    refused(here, Conflict, "hours.reserved", lambda desk: take_back(desk, entry, "x"))
    with here.desk() as desk:
        cancel(desk, service, "x")
        given = donate(desk, anna, 60)
    refused(here, Conflict, "hours.member_short", lambda desk: take_back(desk, entry, "x"))
    with here.desk() as desk:
        take_back(desk, given, "x")
        take_back(desk, entry, "x")
    assert balance(here, anna) == 0


# Clearing -----------------------------------------------------------------------------------------


def test_hours_go_to_another_bank_and_are_settled(here: Town) -> None:
    """Both books say the same; after settling nobody owes, and the cover went along."""
    east, west = here.bank(rules(cover_fen_per_hour=1500)), here.bank(rules(), "乙")
    account = uuid4()
    mine = earn(here, east, 120, account_id=account)
    there = here.member(west, account_id=account)
    stranger = here.member(west, "路人", 1990)
    with here.desk(as_account(account)) as desk:
        transfer(desk, mine, there, 90)
    refused(here, Forbidden, "hours.gift", lambda desk: transfer(desk, mine, stranger, 10))
    refused(here, Conflict, "hours.same_bank", lambda desk: transfer(desk, mine, mine, 10))
    with here.store.read() as connection:
        assert owed(connection) == {(east, west): 90, (west, east): -90}
    refused(here, Conflict, "hours.money_short", settle)
    with here.desk() as desk:
        pay_in(desk, east, 10_000, "县财政")
        done = settle(desk)
    assert [(each.debtor, each.minutes) for each in done.payments] == [(east, 90)]
    assert done.fen == (2250,)
    with here.store.read() as connection:
        assert set(owed(connection).values()) == {0}
        assert (money_fen(connection, east), money_fen(connection, west)) == (7750, 2250)
        assert (totals(connection, east).issued, totals(connection, west).issued) == (30, 90)
    refused(here, Conflict, "hours.settled", settle)
    with here.desk() as desk:
        assert len(take_back(desk, done.entries[east], "对账有误")) == 2
    with here.store.read() as connection:
        assert owed(connection) == {(east, west): 90, (west, east): -90}
        assert (money_fen(connection, east), money_fen(connection, west)) == (10_000, 0)


def test_a_transfer_is_taken_back_in_both_books(here: Town) -> None:
    """Whichever of the two entries is named."""
    east, west = here.bank(rules()), here.bank(rules(), "乙")
    account = uuid4()
    mine, there = earn(here, east, 120, account_id=account), here.member(west, account_id=account)
    with here.desk() as desk:
        transfer(desk, mine, there, 90)
        entry = desk.connection.scalar(select(ENTRY.c.record_id).where(ENTRY.c.bank_id == west))
        assert entry is not None
        assert len(take_back(desk, entry, "转错")) == 2
    assert (balance(here, mine), balance(here, there)) == (120, 0)


def test_a_bank_owes_no_more_than_its_rules_let(here: Town) -> None:
    """The limit between banks refuses, and nothing is booked in either."""
    east, west = here.bank(rules(clearing_limit_minutes=50)), here.bank(rules(), "乙")
    account = uuid4()
    mine, there = earn(here, east, 120, account_id=account), here.member(west, account_id=account)
    refused(here, Conflict, "hours.clearing_limit", lambda desk: transfer(desk, mine, there, 51))
    with here.desk() as desk:
        transfer(desk, mine, there, 50)


# Notices ------------------------------------------------------------------------------------------


def test_a_notice_is_put_up_and_taken_down(here: Town) -> None:
    """With a time that can be, on a day that is not over."""
    bank = here.bank(rules())
    anna = here.member(bank)
    good = NewNotice("need", "chat", REGION, "135", 540, 600, date(2026, 4, 1))
    for code, wrong in (
        ("hours.notice.kind", {"kind": "wish"}),
        ("hours.notice.time", {"starts": 600}),
        ("hours.notice.day", {"weekdays": "089"}),
        ("hours.notice.past", {"until": date(2026, 3, 1)}),
        ("hours.item", {"item": "fly"}),
    ):
        wish = NewNotice(**{**good.__dict__, **wrong})
        refused(here, Invalid, code, lambda desk, wish=wish: put_up(desk, anna, wish))  # type: ignore[misc] # bound
    with here.desk() as desk:
        notice = put_up(desk, anna, good)
    with here.desk() as desk:
        take_down(desk, notice)
    with pytest.raises(NotFound), here.desk() as desk:
        take_down(desk, notice)
