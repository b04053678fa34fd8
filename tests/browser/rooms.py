"""Every page a person uses, and as whom: for the tests that look at all of them, and pictures."""

from dataclasses import dataclass

from playwright.sync_api import BrowserContext
from sqlalchemy import select
from tests.house import BOX, LOT, Served

from longmai.domains.assets.contracts.tables import CONTRACT as LEASES
from longmai.domains.assets.dividends.tables import PLAN as PLANS
from longmai.domains.assets.life.queries import open_inventories_at
from longmai.domains.assets.market.tables import LISTING
from longmai.domains.assets.meetings.tables import MEETING as meetings  # noqa: N811 - a table
from longmai.domains.assets.members.tables import HOUSEHOLD as HOMES
from longmai.domains.assets.register import notice_queries, paper_queries
from longmai.domains.assets.register import queries as register
from longmai.domains.assets.register.queries import Filters
from longmai.domains.brand.coop.tables import COOP as COOPS
from longmai.domains.brand.recall.tables import ORDER as RECALLS
from longmai.domains.livelihood.persons.queries import persons
from longmai.domains.livelihood.services.tables import CONTRACT as BOUGHT_CONTRACT
from longmai.domains.livelihood.timebank.tables import BANK as HOURS_BANK
from longmai.portal.accounts.first import open_samples
from longmai.portal.accounts.queries import account_of_login
from longmai.portal.accounts.sessions import Caller, enter
from longmai.portal.accounts.visiting import cookie_name
from longmai.portal.house import House
from longmai.portal.rendering import Words
from longmai.portal.rights.model import EVERYWHERE
from longmai.store.table_window import Window

ACCOUNT = "{account}"
"""Stands for the ID of the sample's village accountant."""
CONTRACT = "{contract}"
"""Stands for the ID of the sample's contract of bought services."""
BANK = "{bank}"
"""Stands for the ID of the sample village's time bank."""

MEETING, HELD, PLAN, HOUSEHOLD = "{meeting}", "{held}", "{plan}", "{household}"
"""Stand for the sample village's open meeting, the one held, its plan, its first household."""

RECALL = "{recall}"
"""Stands for the ID of the sample season's recall."""
COOP = "{coop}"
"""Stands for the ID of the sample co-operative."""
OFFER, OPENED = "{offer}", "{opened}"
"""Stand for the sample village's sealed auction that runs, and the one that was opened."""
LEASE = "{lease}"
"""Stands for the ID of the sample village's contract whose rent is most overdue."""

PERSON = "{person}"
"""Stands for the ID of the first person of the sample village."""


@dataclass(frozen=True)
class Room:
    """A page.

    Attributes:
        name: of its picture.
        path: its address.
        role: of the sample account that opens it; empty: nobody.
    """

    name: str
    path: str
    role: str = ""


ROOMS = (
    Room("home", "/"),
    Room("field-livelihood", "/fields/livelihood"),
    Room("field-assets", "/fields/assets"),
    Room("batches", "/brand/batches"),
    Room("scan-box", f"/{BOX}"),
    Room("scan-lot", f"/{LOT}"),
    Room("capture", "/brand/capture", "enterprise"),
    Room("recalls", "/brand/recalls"),
    Room("recall", f"/brand/recalls/{RECALL}"),
    Room("recall-new", f"/brand/recalls/new?keys={LOT}", "enterprise"),
    Room("report", f"/brand/report?key={LOT}"),
    Room("coop", f"/brand/coop/{COOP}", "enterprise"),
    Room("coop-harvest", f"/brand/coop/{COOP}/harvest", "enterprise"),
    Room("coop-sheets", f"/brand/coop/{COOP}/sheets", "enterprise"),
    Room("policies", "/livelihood/rules"),
    Room("policy", "/rules/innovation.innovative-sme"),
    Room("policy-try", "/rules/livelihood.childcare-subsidy/try?example=2"),
    Room("policy-editor", "/rules/edit?policy=livelihood.subsistence-allowance"),
    Room("policy-what-if", "/rules/livelihood.elder-care-voucher/what-if"),
    Room("assets", "/assets/register"),
    Room("assets-map", "/assets/map?region={township}"),
    Room("asset", "/assets/a/{asset}"),
    Room("asset-life", "/assets/a/{asset}/life", "village_accountant"),
    Room("asset-inspect", "/assets/a/{asset}/life/inspect", "village_accountant"),
    Room("asset-transfer", "/assets/a/{asset}/do/transfer", "official"),
    Room("asset-certificate", "/assets/c/{certificate}"),
    Room("asset-notices", "/assets/notices"),
    Room("asset-notice", "/assets/notices/{notice}", "citizen"),
    Room("asset-notice-new", "/assets/notices-new", "official"),
    Room("asset-objections", "/assets/objections", "official"),
    Room("asset-import", "/assets/import", "village_accountant"),
    Room("asset-inventories", "/assets/inventories", "village_accountant"),
    Room("asset-inventory", "/assets/inventories/{inventory}", "village_accountant"),
    Room("meetings", "/assets/meetings"),
    Room("meeting", f"/assets/meetings/{HELD}"),
    Room("meeting-new", "/assets/meetings/new", "village_accountant"),
    Room("meeting-vote", f"/assets/meetings/{MEETING}/vote", "citizen"),
    Room("meeting-desk", f"/assets/meetings/{MEETING}/desk", "village_accountant"),
    Room("roll", "/assets/members", "village_accountant"),
    Room("roll-import", "/assets/members/import", "village_accountant"),
    Room("household", f"/assets/members/households/{HOUSEHOLD}", "village_accountant"),
    Room("dividends", "/assets/dividends"),
    Room("dividend", f"/assets/dividends/{PLAN}", "village_accountant"),
    Room("dividend-new", "/assets/dividends/new", "village_accountant"),
    Room("dividend-charter", "/assets/dividends/charter", "village_accountant"),
    Room(
        "dividend-what-if",
        f"/assets/dividends/{PLAN}/what-if?n.公积公益金比例=10",
        "village_accountant",
    ),
    Room("dividends-mine", "/assets/dividends/mine/statements", "citizen"),
    Room("statement", f"/assets/dividends/{PLAN}/households/{HOUSEHOLD}", "citizen"),
    Room("market", "/assets/market?state=all"),
    Room("market-listing", f"/assets/market/l/{OFFER}", "citizen"),
    Room("market-desk", f"/assets/market/l/{OPENED}/desk", "village_accountant"),
    Room("market-new", "/assets/market/new?asset={asset}", "village_accountant"),
    Room("contracts", "/assets/contracts", "village_accountant"),
    Room("contract", f"/assets/contracts/{LEASE}", "village_accountant"),
    Room("contract-new", "/assets/contracts/new", "village_accountant"),
    Room("statement-import", "/assets/contracts/import/statement", "village_accountant"),
    Room("vouchers", "/assets/vouchers", "village_accountant"),
    Room("reconcile", "/assets/reconcile", "village_accountant"),
    Room("warnings", "/assets/warnings", "village_accountant"),
    Room(
        "reserve",
        "/assets/reserve?often.flood=2&lost.flood=30&often.fire=1&lost.fire=60&seed=7",
        "village_accountant",
    ),
    Room("hours", "/livelihood/hours"),
    Room("hours-bank", f"/livelihood/hours/banks/{BANK}"),
    Room("hours-rules", f"/livelihood/hours/banks/{BANK}/rules"),
    Room("hours-notices", "/livelihood/hours/notices"),
    Room("hours-mine", "/livelihood/hours/mine", "citizen"),
    Room("hours-desk", f"/livelihood/hours/banks/{BANK}/desk", "village_accountant"),
    Room("hours-members", f"/livelihood/hours/banks/{BANK}/members", "village_accountant"),
    Room("hours-entries", f"/livelihood/hours/banks/{BANK}/entries", "village_accountant"),
    Room("hours-clearing", "/livelihood/hours/clearing", "official"),
    Room("hours-report", "/livelihood/hours/reports", "official"),
    Room("hours-new", "/livelihood/hours/new", "official"),
    Room("bought", "/livelihood/services", "official"),
    Room("bought-orgs", "/livelihood/services/orgs", "official"),
    Room("bought-contracts", "/livelihood/services/contracts", "official"),
    Room("bought-contract", f"/livelihood/services/contracts/{CONTRACT}", "official"),
    Room("family", "/livelihood/ask"),
    Room("life", "/livelihood/life"),
    Room("cases", "/livelihood/cases", "official"),
    Room("cases-unknown", "/livelihood/cases?list=unknown", "official"),
    Room("outbox", "/livelihood/outbox", "official"),
    Room("published", "/livelihood/published"),
    Room("pay", "/livelihood/pay", "official"),
    Room("ledger", "/ledger"),
    Room("jobs", "/jobs", "admin_system"),
    Room("not-found", "/nowhere"),
    Room("design", "/design"),
    Room("sign-in", "/sign-in"),
    Room("search", "/search?q=pg"),
    Room("work", "/work", "admin_security"),
    Room("my-account", "/account", "enterprise"),
    Room("second-factor", "/account/second-factor", "village_accountant"),
    Room("looks", "/account/looks", "citizen"),
    Room("accounts", "/admin/accounts", "admin_system"),
    Room("account", f"/admin/accounts/{ACCOUNT}", "admin_security"),
    Room("account-new", "/admin/accounts/new", "admin_system"),
    Room("account-import", "/admin/accounts/import", "admin_system"),
    Room("table-editor", "/rules/tables/edit"),
    Room("persons", "/livelihood/persons", "village_accountant"),
    Room("person", f"/livelihood/persons/{PERSON}", "village_accountant"),
    Room("person-files", "/livelihood/persons/files", "village_accountant"),
    Room("person-file-new", "/livelihood/persons/files/new", "village_accountant"),
    Room("person-review", "/livelihood/persons/review", "village_accountant"),
    Room("watch", "/admin/watch/acts", "admin_audit"),
    Room("watch-sign-ins", "/admin/watch/sign-ins", "admin_audit"),
)


def with_samples(house: House) -> None:
    """Open the sample accounts, as the first start does, and give them what is theirs."""
    words = Words(house, "zh")
    open_samples(house, lambda role: words("account.sample_name", role=words(f"role.{role}")))
    for domain in house.domains:
        if domain.load_sample is not None:
            domain.load_sample(house, lambda _said: None)


def enter_as(context: BrowserContext, served: Served, role: str) -> None:
    """Sign a browser in with the sample account of a role."""
    house = served.house
    with house.store.read() as connection:
        who = account_of_login(connection, f"sample-{role.replace('_', '-')}")
    assert who is not None
    entered = enter(house.store, who, Caller("127.0.0.1", "Chromium"))
    cookie = {"name": cookie_name(house.settings), "value": entered.secret.text}
    context.add_cookies([cookie | {"url": served.address}])  # type: ignore[list-item] # its keys


def address_of(room: Room, served: Served) -> str:
    """Return where a page is."""
    path = room.path
    with served.house.store.read() as connection:
        who = account_of_login(connection, "sample-village-accountant")
        assert who is not None
        path = path.replace(ACCOUNT, str(who.id))
        for mark, query in _QUERIES.items():
            if mark in path:
                path = path.replace(mark, str(connection.scalar(query)))
    if "{" in path:
        for name, value in things_named(served.house).items():
            path = path.replace(f"{{{name}}}", value)
    return served.address + path


def things_named(house: House) -> dict[str, str]:
    """Return things of the sample, by the name that stands for them in a path."""
    village = str(house.regions.about["sample_village"])
    with house.store.read() as connection:
        handed = Filters(region=village, stage="handed_over")
        asset = register.page(connection, handed)[0].asset_id
        [issued, *_] = paper_queries.certificates_of(connection, [asset])[asset]
        noticed = register.page(connection, Filters(region=village, stage="noticed"))[0].asset_id
        notice = notice_queries.newest_notices(connection, [noticed])[noticed]
        [inventory, *_] = open_inventories_at(connection, village)
        _, [person] = persons(connection, EVERYWHERE, "", Window("conflicts", size=1))
    return {
        "person": str(person.id),
        "township": village[:9].ljust(12, "0"),
        "asset": str(asset),
        "certificate": str(issued.certificate_id),
        "notice": str(notice.notice_id),
        "inventory": str(inventory.id),
    }


_QUERIES = {
    MEETING: select(meetings.c.meeting_id).where(meetings.c.secret.is_(True)),
    HELD: select(meetings.c.meeting_id).where(meetings.c.secret.is_(False)),
    PLAN: select(PLANS.c.plan_id),
    LEASE: select(LEASES.c.contract_id).where(LEASES.c.tenant_kind == "household"),
    HOUSEHOLD: select(HOMES.c.household_id).order_by(HOMES.c.number).limit(1),
    OFFER: select(LISTING.c.listing_id).where(LISTING.c.method == "second"),
    OPENED: select(LISTING.c.listing_id).where(LISTING.c.method == "first"),
    # The sample's two banks begin with the village's own.
    BANK: select(HOURS_BANK.c.id).order_by(HOURS_BANK.c.record_id).limit(1),
    RECALL: select(RECALLS.c.recall_id),
    COOP: select(COOPS.c.coop_id),
    CONTRACT: select(BOUGHT_CONTRACT.c.id),
}
