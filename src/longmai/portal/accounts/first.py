"""The first accounts: the first administrator, and the sample's people."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from longmai.kernel.region_codes import pad, prefix
from longmai.portal.accounts.credentials import new_secret, set_password
from longmai.portal.accounts.queries import account_of_login, has_sample, is_empty
from longmai.portal.accounts.service import Desk, NewAccount, give_post, make_link, open_account
from longmai.portal.accounts.visiting import operator
from longmai.portal.house import House
from longmai.portal.rights.model import PURPOSES_OF, ROLES, Grant
from longmai.store.unit_of_work import UnitOfWork

FIRST_LOGIN = "admin"
SAMPLE_FILE = "sample-accounts.txt"
# Where the sample's people work: so many digits of the code of the sample's village.
_DIGITS: Mapping[str, int] = {
    "citizen": 12,
    "village_accountant": 12,
    "enterprise": 6,
    "official": 6,
    "leader": 4,
}


def desk_of_operator(house: House, work: UnitOfWork) -> Desk:
    """Return the desk of who runs the house."""
    return Desk(work, operator(house), house.regions, house.clock.now())


def first_link(house: House, name: str) -> str | None:
    """Open the first administrator's account in a house without accounts.

    Args:
        house: to open it in.
        name: of the administrator.

    Returns:
        The one-time link to set its password; None if there are accounts.
    """
    with house.store.read() as connection:
        if not is_empty(connection):
            return None
    code = house.regions.code
    with house.store.begin() as work:
        desk = desk_of_operator(house, work)
        account_id = open_account(desk, NewAccount(FIRST_LOGIN, name, code))
        give_post(desk, account_id, Grant("admin_system", code, "operation"))
        secret = make_link(desk, account_id)
    return f"{house.settings.public_url}/welcome/{secret.text}"


def new_link(house: House, login: str) -> str | None:
    """Make a one-time link for a login; None if nobody has it."""
    with house.store.begin() as work:
        found = account_of_login(work.connection, login)
        if found is None:
            return None
        secret = make_link(desk_of_operator(house, work), found.id)
    return f"{house.settings.public_url}/welcome/{secret.text}"


def open_samples(house: House, name: Callable[[str], str]) -> Path | None:
    """Open an account for each role, with one password that is made anew for each house.

    Args:
        house: to open them in.
        name: of a made-up person, by role; says that it is made up.

    Returns:
        The file that holds logins and password; None if they were opened before.
    """
    with house.store.read() as connection:
        if has_sample(connection):
            return None
    password = new_secret().text[:16]
    with house.store.begin() as work:
        desk = desk_of_operator(house, work)
        lines = [_open_sample(desk, role, name(role), password) for role in ROLES]
    file = house.settings.data / SAMPLE_FILE
    _write_private(file, "\n".join([f"password: {password}", "", *lines, ""]))
    return file


def _open_sample(desk: Desk, role: str, name: str, password: str) -> str:
    region = _sample_region(desk, role)
    login = f"sample-{role.replace('_', '-')}"
    account_id = open_account(desk, NewAccount(login, name, region, sample=True))
    give_post(desk, account_id, Grant(role, region, PURPOSES_OF[role][0]))
    set_password(desk.work.connection, account_id, password, desk.now)
    return f"{login:28} {name}  {desk.regions.path_name(region)}"


def _sample_region(desk: Desk, role: str) -> str:
    village = str(desk.regions.about.get("sample_village", desk.regions.code))
    digits = _DIGITS.get(role, len(prefix(desk.regions.code)))
    return prefix(pad(village[:digits]))


def _write_private(file: Path, text: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        opened.write(text)
