"""Attacks on the pages, each of which fails if its guard is taken away.

Others stand beside what they attack: CSRF in ``test_guard``, brute force, session fixation and open
redirects in ``accounts/test_sign_in``, routes by role in ``rights/test_table``, zip bombs and
formulas in ``test_sheets``, forged identities in ``accounts/test_oidc``.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from openpyxl import load_workbook
from tests.house import document, opened_house
from tests.visitor import TestClient, account_with, holder, signed_in, token_for, visitor

from longmai.portal.accounts.acts import subject_of
from longmai.portal.house import House
from longmai.portal.rights.model import Grant
from longmai.store.ledger import SqlLog

SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An empty house."""
    with opened_house(tmp_path) as opened:
        yield opened


@pytest.fixture
def admin(house: House) -> TestClient:
    """A system administrator."""
    return holder(house, "admin_system", login="system")


def counties(house: House) -> tuple[str, str]:
    """Return two counties of two cities."""
    pack = house.regions
    cities = [each for each in pack.children(pack.code) if pack.children(each.code)]
    return pack.children(cities[0].code)[0].code, pack.children(cities[1].code)[0].code


def harmless(page: str) -> None:
    """Nothing of the script stands in a page as markup, and no template was run."""
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "onerror=alert(1)>" not in page.replace("onerror=alert(1)&gt;", "")
    assert "49" not in re.findall(r"onerror=alert\(1\)&gt;(\S*)", page)


def test_scripts_in_names_and_reasons_are_text(house: House, admin: TestClient) -> None:
    """In each field of accounts, wherever it is shown again, to whomever."""
    person = {"login": "victim", "name": SCRIPT[:60], "region": house.regions.code, "phone": ""}
    opened = admin.post("/admin/accounts/new", data=person)
    assert opened.status_code == 200
    for name in person:
        wrong = admin.post("/admin/accounts/new", data=person | {name: SCRIPT})
        harmless(wrong.text)
    address = opened.url.path
    for form, path in (
        ({"reason": SCRIPT * 9}, "look"),
        ({"post": SCRIPT, "region": SCRIPT, "until": SCRIPT}, "posts"),
    ):
        harmless(admin.post(f"{address}/{path}", data=form).text)
    for path in ("/admin/accounts", address, "/admin/accounts?q=" + SCRIPT, "/search?q=" + SCRIPT):
        harmless(admin.get(path).text)
    harmless(admin.post("/account/tokens", data={"label": SCRIPT, "days": SCRIPT}).text)
    anyone = visitor(house, Accept="text/html", Origin="http://127.0.0.1")
    harmless(anyone.get("/sign-in", params={"next": "/x" + SCRIPT}).text)
    harmless(anyone.post("/sign-in", data={"login": SCRIPT, "password": "x"}).text)
    harmless(anyone.get("/nowhere/" + SCRIPT).text)


def test_scripts_in_looks_sessions_tokens_and_sheets_are_text(
    house: House, admin: TestClient
) -> None:
    """What others will read: a reason, a device, a label, a file and its rows."""
    who = account_with(house, login="who")
    house_code = house.regions.code
    person = {"login": "phoned", "name": "某人", "region": house_code, "phone": "0931-1234567"}
    address = admin.post("/admin/accounts/new", data=person).url.path
    admin.post(f"{address}/look", data={"reason": SCRIPT})
    auditor = holder(house, "admin_audit", login="auditor")
    watched = auditor.get("/admin/watch/looks").text
    assert "alert(1)" in watched
    harmless(watched)
    client = signed_in(house, who, strong=True, **{"User-Agent": SCRIPT})
    harmless(client.get("/account").text)
    admin.post("/account/tokens", data={"label": SCRIPT[:60], "days": "3", "scopes": "job.read"})
    harmless(admin.get("/account").text)
    sheet = f"用户名,姓名,所在地区,电话\r\nx,{SCRIPT[:40]},{SCRIPT[:40]},{SCRIPT[:30]}\r\n"
    files = {"file": (f"{SCRIPT}.csv", sheet.encode())}
    shown = admin.post("/admin/accounts/import", files=files)
    assert "alert(1)" in shown.text
    harmless(shown.text)


def test_scripts_in_captured_events_are_text(house: House) -> None:
    """Names of products and places, and everything that a partner may send."""
    client = holder(house, "enterprise", login="packhouse")
    event = {
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "eventTime": "2025-10-01T08:00:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "epcList": ["https://id.gs1.org/01/09521234543213/21/X1"],
        "readPoint": {"id": "urn:place:1"},
        "lm:note": SCRIPT,
        "lm:commitmentCertificate": {"lm:number": SCRIPT, "lm:product": SCRIPT},
    }
    named = [{"id": "urn:epcglobal:cbv:mda#name", "attribute": SCRIPT}]
    vocabulary = [
        {
            "type": "urn:epcglobal:epcis:vtype:ReadPoint",
            "vocabularyElementList": [{"id": "urn:place:1", "attributes": named}],
        },
        {
            "type": "urn:epcglobal:epcis:vtype:EPCClass",
            "vocabularyElementList": [
                {"id": "https://id.gs1.org/01/09521234543213", "attributes": named}
            ],
        },
    ]
    header = {"epcisMasterData": {"vocabularyList": vocabulary}}
    answer = client.post(
        "/brand/capture", files={"file": (SCRIPT, document([event], epcisHeader=header))}
    )
    assert answer.status_code == 200, answer.text
    harmless(answer.text)
    house.integrate()
    for path in ("/01/09521234543213/21/X1", "/brand/batches", "/search?q=script", "/ledger"):
        harmless(client.get(path).text)
    with house.store.read() as connection:
        size = SqlLog(connection).size()
    assert size


def test_a_file_name_is_a_name_and_not_a_path(house: House, admin: TestClient) -> None:
    """Nothing is written anywhere, whatever the name of an upload says."""
    before = sorted(house.settings.data.parent.rglob("*"))
    for name in ("../../evil.csv", "/etc/evil.csv", "..\\evil.csv", "evil\x00.csv"):
        files = {"file": (name, "用户名,姓名,所在地区,电话\r\n".encode())}
        assert admin.post("/admin/accounts/import", files=files).status_code in {200, 422}
    assert sorted(house.settings.data.parent.rglob("*")) == before


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/..%2f..%2fapp.py",
        "/static/%2e%2e/%2e%2e/app.py",
        "/tlog/tile/entries/..%2f..%2fledger.key",
        "/tlog/tile/0/../../ledger.key",
        "/welcome/../ledger.key",
    ],
)
def test_paths_lead_to_no_file(house: House, path: str) -> None:
    """Neither up nor around."""
    answer = visitor(house).get(path)
    assert answer.status_code in {400, 404, 422}
    assert "create_app" not in answer.text


def test_things_of_other_regions_are_not_there(house: House) -> None:
    """IDOR: an address that is known all the same answers as one that leads nowhere."""
    here, there = counties(house)
    far = account_with(house, login="far", region=there)
    post = Grant("admin_system", here, "operation")
    client = signed_in(house, account_with(house, post, login="near", region=here))
    address = f"/admin/accounts/{far.id}"
    assert client.get(address).status_code == 404
    for act in ("link", "unlock", "close", "look", "posts"):
        form = {"reason": "x", "post": "leader statistics", "region": there}
        answer = client.post(f"{address}/{act}", data=form)
        assert answer.status_code in {403, 404}, act
    for path in (
        "/admin/accounts",
        "/admin/accounts?q=far",
        "/admin/accounts.csv",
        "/search?q=far",
    ):
        assert str(far.id) not in client.get(path).text
        assert "某人 far" not in client.get(path).text
    cells = load_workbook(io.BytesIO(client.get("/admin/accounts.xlsx").content)).worksheets[0]
    assert "far" not in {row[0] for row in cells.iter_rows(values_only=True)}


def test_content_that_is_not_public_is_withheld(house: House) -> None:
    """A name in a record is read by its owner and by who watches; the proof holds for all."""
    who = account_with(house, login="who")
    house.integrate()
    record_id = record_about(house, subject_of(who.id))
    addresses = (
        f"/ledger/records/{record_id}",
        f"/api/v1/ledger/records/{record_id}",
        f"/api/v1/ledger/records/{record_id}/certificate",
        f"/api/v1/ledger/proofs?record={record_id}",
    )
    for client in (visitor(house), holder(house, "admin_system", login="system")):
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code == 200
            assert "某人 who" not in answer.text
            assert '"payload":"' not in answer.text
    for client in (signed_in(house, who), holder(house, "admin_audit", login="auditor")):
        assert "某人 who" in client.get(addresses[0]).text
        assert '"payload":"' in client.get(addresses[2]).text
    assert visitor(house).get(f"{addresses[0]}/certificate.pdf").status_code == 200


def record_about(house: House, subject: str) -> UUID:
    """Return the first record about a subject."""
    with house.store.read() as connection:
        return SqlLog(connection).records_about(subject)[-1]


def test_a_token_does_only_what_it_is_for(house: House) -> None:
    """Not what its owner may besides, and no new tokens."""
    token = token_for(house, "job.read", "admin_system")
    client = visitor(house, Authorization=f"Bearer {token}")
    assert client.get("/jobs").status_code == 200
    assert client.get("/admin/accounts").status_code == 403
    form = {"label": "more", "days": "9", "scopes": "job.read"}
    assert client.post("/account/tokens", data=form).status_code == 403


def test_errors_tell_nothing_of_the_inside(house: House) -> None:
    """No stack, no path, no query."""
    client = visitor(house)
    client.app.add_api_route("/api/broken", lambda: 1 / 0)  # type: ignore[attr-defined]
    for path in ("/api/broken", "/nowhere", "/api/v1/ledger/proofs?record=x"):
        text = client.get(path).text
        assert "Traceback" not in text
        assert "site-packages" not in text
        assert str(house.settings.data) not in text
