"""Use-cases of accounts: open, close, recover, give and end posts. Services never commit."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select

from longmai.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from longmai.kernel.ids import new_id
from longmai.kernel.region_codes import contains, pad, prefix
from longmai.kernel.regions import RegionPack
from longmai.ledger.record import Act
from longmai.portal.accounts import acts
from longmai.portal.accounts.credentials import (
    Secret,
    clear_attempts,
    forget_credentials,
    new_secret,
)
from longmai.portal.accounts.queries import Account, account, held_post, holders
from longmai.portal.accounts.tables import ACCOUNT, API_TOKEN, LINK, SESSION
from longmai.portal.pinyin import initials
from longmai.portal.rights.model import ADMINISTRATORS, PURPOSES_OF, ROLES, Grant
from longmai.portal.rights.visitor import Visitor
from longmai.store.unit_of_work import UnitOfWork

LINK_HOLDS = timedelta(hours=72)
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{2,63}")
_PHONE = re.compile(r"\+?[0-9][0-9 -]{4,18}")
_MAX_NAME = 64


@dataclass(frozen=True)
class NewAccount:
    """What an account is opened with.

    Attributes:
        login: to sign in with: Latin letters, digits and ``. _ -``.
        name: of the person.
        region: code of the office or home.
        phone: to reach the person; empty if not known.
        sample: a made-up person.
    """

    login: str
    name: str
    region: str
    phone: str = ""
    sample: bool = False


@dataclass(frozen=True)
class Desk:
    """Where an act around accounts is carried out: by whom, when, in which house."""

    work: UnitOfWork
    visitor: Visitor
    regions: RegionPack
    now: datetime

    def record(self, kind: str, account_id: UUID, region: str, payload: Mapping[str, Any]) -> UUID:
        """Record an act about an account."""
        subjects = [acts.subject_of(account_id)]
        act = Act(kind, subjects, pad(region), self.visitor.actor, self.now, payload)
        [record] = self.work.ledger.append([act])
        return record.id


def open_account(desk: Desk, wanted: NewAccount) -> UUID:
    """Open an account; it holds no post yet, and cannot be signed in to before it has a link.

    Raises:
        Forbidden: the visitor may not keep accounts in this region.
        Invalid: login, name, phone or region cannot be used.
        Conflict: the login is taken.
    """
    checked = checked_account(wanted, desk.regions)
    desk.visitor.require("account.manage", checked.region)
    taken = select(ACCOUNT.c.id).where(ACCOUNT.c.login == checked.login)
    if desk.work.connection.scalar(taken) is not None:
        raise Conflict(
            "this login is taken",
            code="account.login_taken",
            place="login",
            value=checked.login,
            mend="choose another",
        )
    account_id = new_id()
    told = {**vars(checked), "initials": initials(checked.name)}
    desk.record(acts.OPENED, account_id, checked.region, told)
    return account_id


def checked_account(wanted: NewAccount, regions: RegionPack) -> NewAccount:
    """Return an account's data as they are kept.

    Raises:
        Invalid: login, name, phone or region cannot be used; ``place`` names the field.
    """
    login, name, phone = wanted.login.strip().lower(), wanted.name.strip(), wanted.phone.strip()
    if not _LOGIN.fullmatch(login):
        raise Invalid(
            "a login has 3 to 64 letters a-z, digits and . _ -",
            code="account.login",
            place="login",
            value=wanted.login,
        )
    if not 0 < len(name) <= _MAX_NAME or not name.isprintable():
        raise Invalid(
            f"a name has 1 to {_MAX_NAME} characters",
            code="account.name",
            place="name",
            value=wanted.name,
        )
    if phone and not _PHONE.fullmatch(phone):
        raise Invalid("not a phone number", code="account.phone", place="phone", value=phone)
    region = known_region(wanted.region, regions)
    return NewAccount(login, name, pad(region), phone, wanted.sample)


def known_region(code: str, regions: RegionPack) -> str:
    """Return the digits that matter of a region of this house.

    Args:
        code: its code, or its name where only one has it.
        regions: of the house.

    Raises:
        Invalid: neither names one of this house's regions.
    """
    text = code.strip()
    named = () if text.isdigit() else regions.find(text, regions.code)
    if len(named) > 1:
        raise Invalid(
            "several regions have this name",
            code="account.region_name",
            place="region",
            value=code,
            mend=f"write the code: {', '.join(prefix(each.code) for each in named[:5])}",
        )
    try:
        text = named[0].code if named else text
        if contains(regions.code, text):
            return prefix(regions.get(text).code)
    except (Invalid, NotFound):
        pass
    raise Invalid(
        "no such region here",
        code="account.region",
        place="region",
        value=code,
        mend="choose one from the list, or write its code of 2, 4, 6, 9 or 12 digits",
    )


def close_account(desk: Desk, account_id: UUID) -> None:
    """Close an account: its sessions and tokens end at once, its posts count no more.

    Raises:
        Forbidden: the visitor may not, or it is their own.
        NotFound: there is none in the visitor's regions.
        Conflict: it is closed, or nobody else holds one of its administrator posts.
    """
    found = _managed(desk, account_id)
    if account_id == desk.visitor.account_id:
        raise Forbidden("nobody closes their own account", code="account.own")
    _keep_administrators(desk, found.roles, account_id)
    desk.record(acts.CLOSED, account_id, found.region, {})
    end_sessions(desk.work, account_id)
    desk.work.connection.execute(delete(API_TOKEN).where(API_TOKEN.c.account_id == account_id))
    forget_credentials(desk.work.connection, account_id)


def make_link(desk: Desk, account_id: UUID) -> Secret:
    """Make a link that sets the password once; older links and all sessions end.

    The second factor stays until the link is used. An administrator who can sign in already gets
    a link from the operator alone: else who keeps accounts could take the rights of who gives them.

    Raises:
        Forbidden: the visitor may not.
        NotFound: there is no such account in the visitor's regions.
        Conflict: it is closed.
    """
    found = _managed(desk, account_id)
    if found.ready and not desk.visitor.everything and set(found.roles) & set(ADMINISTRATORS):
        raise Forbidden(
            "an administrator's account is recovered at the machine itself",
            code="account.recover_administrator",
            mend="have the operator run: longmai account recover",
        )
    run, secret = desk.work.connection.execute, new_secret()
    desk.record(acts.RECOVERED, account_id, found.region, {})
    run(delete(LINK).where(LINK.c.account_id == account_id))
    run(
        insert(LINK).values(
            digest=secret.digest,
            account_id=account_id,
            made_at=desk.now,
            ends_at=desk.now + LINK_HOLDS,
        )
    )
    end_sessions(desk.work, account_id)
    return secret


def unlock(desk: Desk, account_id: UUID) -> None:
    """Let somebody try again who was locked out.

    Raises:
        Forbidden: the visitor may not.
        NotFound: there is no such account in the visitor's regions.
        Conflict: it is closed.
    """
    _managed(desk, account_id)
    clear_attempts(desk.work.connection, account_id)


def give_post(desk: Desk, account_id: UUID, grant: Grant) -> UUID:
    """Give a post; return the ID of its record, by which it is ended.

    The first security and audit administrators are named by who keeps accounts: until then nobody
    could give anything.

    Raises:
        Forbidden: the visitor may not give it there, or would give it to themselves.
        Invalid: role, purpose, region or last day cannot be used.
        Conflict: it is held already, the account is closed, or administrators would not be apart.
    """
    checked = _checked_grant(grant, desk)
    if not _names_first(desk, checked):
        desk.visitor.require("account.grant", checked.region)
    if account_id == desk.visitor.account_id:
        raise Forbidden("nobody gives themselves a post", code="post.own")
    found = account(desk.work.connection, account_id, desk.visitor.scope("account.read"))
    _refuse_closed(found)
    _keep_apart(found, checked)
    told = {
        "role": checked.role,
        "region": checked.region,
        "purpose": checked.purpose,
        "until": checked.until.isoformat() if checked.until else None,
    }
    return desk.record(acts.GIVEN, account_id, checked.region, told)


def end_post(desk: Desk, given_id: UUID) -> UUID:
    """End a post; return whose it was.

    Raises:
        NotFound: it is not held.
        Forbidden: the visitor may not end it.
        Conflict: it is the last of an administrator.
    """
    held = held_post(desk.work.connection, given_id)
    desk.visitor.require("account.grant", held.grant.region)
    _keep_administrators(desk, [held.grant.role], held.account_id)
    desk.record(acts.ENDED, held.account_id, held.grant.region, {"given": str(given_id)})
    return held.account_id


def end_sessions(work: UnitOfWork, account_id: UUID, but: bytes | None = None) -> None:
    """Sign an account out everywhere, but in one session where it is named."""
    here = [SESSION.c.account_id == account_id]
    if but is not None:
        here.append(SESSION.c.digest != but)
    work.connection.execute(delete(SESSION).where(*here))


def _managed(desk: Desk, account_id: UUID) -> Account:
    desk.visitor.require("account.manage")
    found = account(desk.work.connection, account_id, desk.visitor.scope("account.manage"))
    _refuse_closed(found)
    return found


def _refuse_closed(found: Account) -> None:
    if not found.open:
        raise Conflict("the account is closed", code="account.closed", value=found.login)


def _checked_grant(grant: Grant, desk: Desk) -> Grant:
    if grant.role not in ROLES:
        raise Invalid("no such role", code="post.role", place="role", value=grant.role)
    allowed: Sequence[str] = PURPOSES_OF[grant.role]
    if grant.purpose not in allowed:
        raise Invalid(
            "this role is not held for this purpose",
            code="post.purpose",
            place="purpose",
            value=grant.purpose,
            mend=f"choose one of: {', '.join(allowed)}",
        )
    if grant.until is not None and grant.until < desk.visitor.day:
        raise Invalid(
            "the last day is over",
            code="post.until",
            place="until",
            value=grant.until.isoformat(),
        )
    return Grant(grant.role, known_region(grant.region, desk.regions), grant.purpose, grant.until)


def _names_first(desk: Desk, grant: Grant) -> bool:
    if grant.role not in {"admin_security", "admin_audit"}:
        return False
    nobody = not holders(desk.work.connection, grant.role, desk.visitor.day)
    return nobody and desk.visitor.may("account.manage", grant.region)


def _keep_apart(found: Account, grant: Grant) -> None:
    held = [each.grant for each in found.posts]
    if any(_same_post(each, grant) for each in held):
        raise Conflict("the post is held already", code="post.held")
    roles = {each.role for each in held} | {grant.role}
    if len(roles) > 1 and roles & set(ADMINISTRATORS):
        raise Conflict(
            "an administrator holds no other role",
            code="post.apart",
            place="role",
            value=grant.role,
            mend="open another account for it",
        )


def _same_post(one: Grant, other: Grant) -> bool:
    return (one.role, one.region, one.purpose) == (other.role, other.region, other.purpose)


def _keep_administrators(desk: Desk, roles: Sequence[str], account_id: UUID) -> None:
    if desk.visitor.everything:
        return
    for role in set(roles) & set(ADMINISTRATORS):
        if holders(desk.work.connection, role, desk.visitor.day) == [account_id]:
            raise Conflict(
                "nobody else holds this administrator's post",
                code="post.last",
                value=role,
                mend="give it to somebody else first",
            )
