"""Accounts and posts: who may do what to whom, and that each act is a record."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.portal.accounts.conftest import role, with_password
from tests.visitor import account_with

from longmai.kernel.errors import Conflict, Forbidden, Invalid, LongmaiError, NotFound
from longmai.portal.accounts.acts import AUDIENCE, subject_of
from longmai.portal.accounts.first import desk_of_operator
from longmai.portal.accounts.looks import look
from longmai.portal.accounts.queries import Account, account, accounts, held_posts, looks
from longmai.portal.accounts.service import (
    Desk,
    NewAccount,
    close_account,
    end_post,
    give_post,
    make_link,
    open_account,
)
from longmai.portal.accounts.visiting import Shown, visitor_for
from longmai.portal.house import House
from longmai.portal.masking import masked
from longmai.portal.pinyin import initials
from longmai.portal.rights.model import EVERYWHERE, NOTHING, PURPOSES_OF, Grant
from longmai.store.ledger import SqlLog
from longmai.store.rebuild import rebuild
from longmai.store.table_window import Window
from longmai.store.unit_of_work import UnitOfWork


def desk(house: House, work: UnitOfWork, who: Account) -> Desk:
    """Return the desk of somebody who showed two factors."""
    visitor = visitor_for(house, Shown(who.id, strong=True))
    return Desk(work, visitor, house.regions, house.clock.now())


@pytest.fixture
def system(house: House) -> Account:
    """A system administrator."""
    return account_with(house, role(house, "admin_system", "operation"), login="system")


@pytest.fixture
def security(house: House) -> Account:
    """A security administrator."""
    return account_with(house, role(house, "admin_security", "security"), login="security")


def county(house: House, city: int = 0, which: int = 0) -> str:
    """Return the code of a county."""
    pack = house.regions
    cities = [each for each in pack.children(pack.code) if pack.children(each.code)]
    return pack.children(cities[city].code)[which].code


def test_accounts_and_posts_are_records(house: House, system: Account, security: Account) -> None:
    """The tables can be derived from the ledger; names of kinds are all known."""
    with house.store.begin() as work:
        opened = open_account(desk(house, work, system), NewAccount("li4", "李四", county(house)))
        given = give_post(
            desk(house, work, security), opened, Grant("leader", county(house), "supervision")
        )
        end_post(desk(house, work, security), given)
        close_account(desk(house, work, system), opened)
    house.integrate()
    assert list(rebuild(house.store)) == []
    with house.store.read() as connection:
        found = account(connection, opened, EVERYWHERE)
    assert (found.open, found.posts) == (False, ())
    assert all(house.catalogue.has(f"kind.{kind}") for kind in AUDIENCE)


def test_who_keeps_accounts_gives_no_posts(
    house: House, system: Account, security: Account
) -> None:
    """And who gives posts keeps no accounts."""
    someone = account_with(house, login="someone")
    with house.store.begin() as work:
        with pytest.raises(Forbidden):
            give_post(desk(house, work, system), someone.id, role(house, "leader", "statistics"))
        with pytest.raises(Forbidden):
            open_account(desk(house, work, security), NewAccount("li4", "李四", county(house)))
        for act in (close_account, make_link):
            with pytest.raises(Forbidden):
                act(desk(house, work, security), someone.id)


def test_the_first_two_are_named_by_who_keeps_accounts(house: House, system: Account) -> None:
    """Once, and then no more."""
    first, second = (account_with(house, login=login) for login in ("first", "second"))
    wanted = role(house, "admin_security", "security")
    with house.store.begin() as work:
        give_post(desk(house, work, system), first.id, wanted)
    with house.store.begin() as work, pytest.raises(Forbidden):
        give_post(desk(house, work, system), second.id, wanted)


def test_nobody_gives_themselves_a_post(house: House, security: Account) -> None:
    """Not even another region's."""
    with house.store.begin() as work, pytest.raises(Forbidden, match="themselves"):
        give_post(desk(house, work, security), security.id, role(house, "leader", "statistics"))


@pytest.mark.parametrize("other", ["official", "admin_audit", "citizen"])
def test_administrators_stay_apart(house: House, other: str) -> None:
    """One with nothing else, in either order."""
    one = role(house, "admin_security", "security")
    two = role(house, other, PURPOSES_OF[other][0])
    for number, (first, second) in enumerate(((one, two), (two, one))):
        who = account_with(house, first, login=f"who-{number}")
        with house.store.begin() as work, pytest.raises(Conflict, match="no other role"):
            give_post(desk_of_operator(house, work), who.id, second)


def test_the_last_administrator_stays(house: House, system: Account, security: Account) -> None:
    """Neither the post nor the account goes while nobody else has it."""
    with house.store.begin() as work:
        [held] = held_posts(work.connection, [security.id])[security.id]
        with pytest.raises(Conflict, match="nobody else"):
            close_account(desk(house, work, system), security.id)
    other = account_with(house, role(house, "admin_security", "security"), login="other")
    with house.store.begin() as work:
        end_post(desk(house, work, other), held.given_id)


def test_an_administrator_is_recovered_at_the_machine(
    house: House, system: Account, security: Account, person: Account
) -> None:
    """Who keeps accounts cannot take over who gives rights; new ones and others they can help."""
    with house.store.begin() as work:
        assert make_link(desk(house, work, system), security.id).text
        assert make_link(desk(house, work, system), person.id).text
    with_password(house, security)
    with house.store.begin() as work:
        with pytest.raises(Forbidden, match="machine"):
            make_link(desk(house, work, system), security.id)
        assert make_link(desk_of_operator(house, work), security.id).text


def test_regions_bound_what_is_seen_and_done(house: House) -> None:
    """An administrator of one county neither sees, opens, links nor closes in the next."""
    here, there = county(house), county(house, 1)
    who = account_with(house, Grant("admin_system", here, "operation"), login="of-a-county")
    with house.store.begin() as work:
        stranger = open_account(desk_of_operator(house, work), NewAccount("far", "远人", there))
        own = open_account(desk(house, work, who), NewAccount("near", "近人", here))
        with pytest.raises(Forbidden):
            open_account(desk(house, work, who), NewAccount("li4", "李四", there))
        for act in (close_account, make_link):
            with pytest.raises(NotFound):
                act(desk(house, work, who), stranger)
    visitor = visitor_for(house, Shown(who.id, strong=True))
    with house.store.read() as connection:
        total, found = accounts(connection, visitor.scope("account.read"))
        assert (total, [each.id for each in found]) == (1, [own])
        assert accounts(connection, NOTHING) == (0, [])
        with pytest.raises(NotFound):
            account(connection, own, NOTHING)


@pytest.mark.parametrize(
    ("wanted", "place"),
    [
        (NewAccount("X Y", "李四", "62"), "login"),
        (NewAccount("ab", "李四", "62"), "login"),
        (NewAccount("li4", "", "62"), "name"),
        (NewAccount("li4", "李\n四", "62"), "name"),
        (NewAccount("li4", "李四", "11"), "region"),
        (NewAccount("li4", "李四", "nowhere"), "region"),
        (NewAccount("li4", "李四", ""), "region"),
        (NewAccount("li4", "李四", "62", "call me"), "phone"),
    ],
)
def test_what_cannot_be_used_is_named(house: House, wanted: NewAccount, place: str) -> None:
    """By its field; nothing is written."""
    replaced = NewAccount(
        wanted.login,
        wanted.name,
        house.regions.code if wanted.region == "62" else wanted.region,
        wanted.phone,
    )
    with house.store.begin() as work, pytest.raises(Invalid) as caught:
        open_account(desk_of_operator(house, work), replaced)
    assert caught.value.place == place


@pytest.mark.parametrize(
    "grant",
    [
        Grant("king", "", "service"),
        Grant("official", "", "audit"),
        Grant("official", "11", "service"),
        Grant("official", "", "service", date(2020, 1, 1)),
    ],
)
def test_impossible_posts_are_refused(house: House, grant: Grant) -> None:
    """Role, purpose, region and day."""
    who = account_with(house)
    wanted = Grant(grant.role, grant.region or house.regions.code, grant.purpose, grant.until)
    with house.store.begin() as work, pytest.raises(Invalid):
        give_post(desk_of_operator(house, work), who.id, wanted)


def test_a_login_is_taken_once(house: House) -> None:
    """Whatever its case."""
    account_with(house, login="li4")
    with house.store.begin() as work, pytest.raises(Conflict):
        open_account(desk_of_operator(house, work), NewAccount("LI4", "李四", house.regions.code))


def test_a_closed_account_is_nobody(house: House, system: Account) -> None:
    """Its sessions, tokens and posts end at once, and nothing more is done to it."""
    who = account_with(house, role(house, "official", "service"), login="who")
    with house.store.begin() as work:
        close_account(desk(house, work, system), who.id)
    assert not visitor_for(house, Shown(who.id, strong=True)).known
    with house.store.begin() as work, pytest.raises(Conflict):
        close_account(desk(house, work, system), who.id)


def test_an_erased_account_is_nobody(house: House) -> None:
    """A person's data are erased by law: what was open ends, and the proofs stay."""
    who = account_with(house, role(house, "official", "service"), login="who")
    house.integrate()
    with house.store.read() as connection:
        *_, opened = SqlLog(connection).records_about(subject_of(who.id))
    with house.store.begin() as work:
        work.ledger.erase(opened, basis="PIPL 47", actor="operator")
    assert not visitor_for(house, Shown(who.id, strong=True)).known
    assert list(rebuild(house.store)) == []


def test_a_look_is_recorded_before_it_shows(house: House, system: Account) -> None:
    """With who, why and for what; without a reason or the right there is none."""
    subject = "account:someone"

    def looked(reason: str, who: Account = system) -> None:
        look(
            house.store,
            visitor_for(house, Shown(who.id, strong=True)),
            permission="account.look",
            subject=subject,
            region=house.regions.code,
            fields=["phone"],
            reason=reason,
        )

    looked(" to call them ")
    official = account_with(house, role(house, "official", "service"), login="official")
    for reason, who in (("", system), ("x" * 201, system), ("why", official)):
        with pytest.raises(LongmaiError):
            looked(reason, who)
    with house.store.read() as connection:
        total, [found] = looks(connection, Window("at"), subject)
    assert total == 1
    assert (found.reason, found.purpose, found.fields) == ("to call them", "operation", ("phone",))
    assert found.by == f"account:{system.id}"


@given(st.text(max_size=30), st.integers(0, 5), st.integers(0, 5))
def test_a_mask_keeps_the_length_and_hides_the_middle(text: str, head: int, tail: int) -> None:
    """At most so many characters show."""
    hidden = masked(text, head, tail)
    assert len(hidden) == len(text)
    assert sum(a == b != "*" for a, b in zip(hidden, text, strict=True)) <= head + tail


@given(st.text(max_size=80))
def test_initials_of_anything_are_letters_and_digits(text: str) -> None:
    """Never an error, never longer than the column."""
    found = initials(text)
    assert found.isascii()
    assert found.isalnum() or not found
    assert len(found) <= 64
