"""Pages of the register: what everybody sees, what an accountant does, and the mended import."""

import io
import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from openpyxl import load_workbook
from PIL import Image
from tests.domains.assets.register.importing.ugly import book
from tests.domains.assets.register.world import (
    FIRM,
    HOUSEHOLD,
    asset_in,
    at_desk,
    certified,
    determined,
    entered,
    noticed,
    village_of,
    whole,
)
from tests.house import opened_house
from tests.visitor import TestClient, holder, visitor

from longmai.domains.assets.register import (
    notice_queries,
    paper_queries,
    queries,
    right_queries,
    service,
)
from longmai.domains.assets.register.model.rights import RIGHTS
from longmai.domains.assets.register.service import Determination
from longmai.ledger.verifier import verify
from longmai.portal.house import House


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with a village's assets in every stage."""
    with opened_house(tmp_path_factory.mktemp("assets")) as opened:
        certified(opened, asset_in(opened, "C-1", lon=106.65, lat=35.21), asset_in(opened, "C-2"))
        at_home = asset_in(opened, "H-1", asset_class="household", level="household")
        [own] = entered(opened, at_home)
        rights = dict.fromkeys(RIGHTS, whole(HOUSEHOLD))
        at_desk(opened, lambda desk: service.determine(desk, [Determination(own, rights, "协议")]))
        ids = entered(opened, asset_in(opened, "N-1"), asset_in(opened, "D-1"))
        determined(opened, ids)
        noticed(opened, ids[:1])
        opened.integrate()
        yield opened


def _id(house: House, code: str) -> UUID:
    with house.store.read() as connection:
        return queries.asset_by_code(connection, village_of(house)[:6], code).asset_id


@pytest.fixture(scope="module")
def accountant(house: House) -> TestClient:
    """The village's accountant."""
    return holder(house, "village_accountant", village_of(house), login="accountant")


@pytest.fixture(scope="module")
def clerk(house: House) -> TestClient:
    """A clerk of the county."""
    return holder(house, "official", village_of(house)[:6], login="clerk")


def _photo() -> bytes:
    out = io.BytesIO()
    image = Image.new("RGB", (64, 48), "green")
    exif = Image.Exif()
    exif[306] = "2026:05:01 08:30:00"
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_everybody_sees_the_list_and_an_asset(house: House) -> None:
    """With the map, the notices, the inventories; and the export."""
    client = visitor(house)
    listed = client.get("/assets/register?q=C-&condition=good&class=operating")
    assert listed.status_code == 200
    assert "C-1" in listed.text
    assert "H-1" not in listed.text
    one = f"/assets/a/{_id(house, 'C-1')}"
    for path in (
        "/assets/map",
        f"/assets/map?region={village_of(house)}",
        "/assets/notices",
        "/assets/inventories",
        "/assets/register?sort=cost&order=desc&page=2&size=2",
        one,
        f"{one}/life",
    ):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert client.get(path + ("&" if "?" in path else "?") + "lang=en").status_code == 200
    assert "C-2" in client.get("/assets/register.csv").text
    assert client.get("/assets/ledger.xlsx", follow_redirects=False).status_code in {303, 401}


def test_the_name_of_a_household_is_masked_for_who_has_no_purpose(
    house: House, accountant: TestClient
) -> None:
    """The accountant of the village reads it."""
    path = f"/assets/a/{_id(house, 'H-1')}"
    assert HOUSEHOLD.name not in visitor(house).get(path).text
    assert HOUSEHOLD.name in accountant.get(path).text


def test_a_certificate_is_proven_and_printed(house: House) -> None:
    """Its page, its PDF, and its proof, which our verifier checks offline."""
    with house.store.read() as connection:
        [issued] = paper_queries.certificates_of(connection, [_id(house, "C-1")])[_id(house, "C-1")]
    client = visitor(house)
    page = client.get(f"/assets/c/{issued.certificate_id}")
    assert issued.number in page.text
    printed = client.get(f"/assets/c/{issued.certificate_id}.pdf")
    assert printed.content.startswith(b"%PDF")
    answer = client.get(f"/api/v1/ledger/records/{issued.certificate_id}/certificate")
    assert answer.json()["records"][0]["payload"] is not None
    verify(answer.text, str(house.signer.verifier_key))


def test_each_action_has_a_form_that_says_what_is_wrong(house: House, clerk: TestClient) -> None:
    """Nothing given, it comes back with the findings, and nothing is written."""
    asset_id = _id(house, "C-2")
    with house.store.read() as connection:
        before = len(right_queries.life_of(connection, asset_id))
    for name in (
        "amend",
        "photo",
        "transfer",
        "mark",
        "hand_over",
        "quantify",
        "revoke",
        "determine",
    ):
        path = f"/assets/a/{asset_id}/do/{name}"
        assert clerk.get(path).status_code == 200, name
        assert clerk.post(path, data={"days": ""}).status_code in {409, 422}, name
    for name in ("inspect", "propose"):
        path = f"/assets/a/{asset_id}/life/{name}"
        assert clerk.get(path).status_code == 200, name
        assert clerk.post(path, data={"days": ""}).status_code == 422, name
    with house.store.read() as connection:
        assert len(right_queries.life_of(connection, asset_id)) == before
    assert (
        visitor(house)
        .get(
            f"/assets/a/{asset_id}/do/mark", headers={"Accept": "text/html"}, follow_redirects=False
        )
        .status_code
        == 303
    )


def test_a_transfer_and_a_photo_by_form(house: House, clerk: TestClient) -> None:
    """The share moves; the photo is kept once, and tells when it was taken."""
    asset_id = _id(house, "C-2")
    form = clerk.get(f"/assets/a/{asset_id}/do/transfer").text
    source = re.search(r'<option value="(collective\|[^"]*)"', form)
    assert source is not None
    told = {
        "right": "operation", "source": source[1], "target_kind": FIRM.kind,
        "target_name": FIRM.name, "share": "1/4", "basis": "租赁合同",
    }  # fmt: skip
    sent = clerk.post(f"/assets/a/{asset_id}/do/transfer", data=told, follow_redirects=False)
    assert sent.status_code == 303
    for _ in range(2):
        picture = {"photo": ("a.jpg", _photo(), "image/jpeg")}
        sent = clerk.post(
            f"/assets/a/{asset_id}/do/photo",
            data={"caption": "东门"},
            files=picture,
            follow_redirects=False,
        )
        assert sent.status_code == 303
    page = clerk.get(f"/assets/a/{asset_id}").text
    assert "1/4" in page
    assert "2026-05-01 08:30:00" in page
    digest = re.search(r"/assets/photos/([0-9a-f]{64})/small", page)
    assert digest is not None
    small = visitor(house).get(f"/assets/photos/{digest[1]}/small")
    assert small.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(small.content)).getexif() == {}
    assert visitor(house).get(f"/assets/photos/{digest[1]}").status_code == 401


def test_an_objection_from_a_villager_is_decided_by_the_clerk(
    house: House, clerk: TestClient
) -> None:
    """It stops the notice; others do not read who filed it."""
    asset_id = _id(house, "N-1")
    with house.store.read() as connection:
        notice = notice_queries.newest_notices(connection, [asset_id])[asset_id].notice_id
    citizen = holder(house, "citizen", village_of(house), login="citizen")
    path = f"/assets/notices/{notice}"
    told = {"asset": str(asset_id), "reason": "这是三户合建的", "name": "王示例"}
    assert citizen.post(f"{path}/objections", data=told | {"reason": ""}).status_code == 422
    sent = citizen.post(f"{path}/objections", data=told, follow_redirects=False)
    assert sent.status_code == 303
    assert "王示例" in clerk.get(path).text
    assert "王示例" not in visitor(house).get(path).text
    assert "这是三户合建的" in clerk.get("/assets/objections").text
    assert clerk.post(f"{path}/register").status_code == 200
    with house.store.read() as connection:
        [ticket] = notice_queries.objections_to(connection, [notice])
        assert queries.asset_of(connection, asset_id).state.stage == "noticed"
    decided = clerk.post(
        f"/assets/objections/{ticket.objection_id}/decide",
        data={"outcome": "rejected", "reason": "有合同为证"},
        follow_redirects=False,
    )
    assert decided.status_code == 303
    clerk.post(f"{path}/register")
    with house.store.read() as connection:
        assert queries.asset_of(connection, asset_id).state.stage == "registered"


def test_a_notice_is_posted_by_village(house: House, clerk: TestClient) -> None:
    """The clerk is asked for the days that no rule confirms."""
    assert village_of(house) in clerk.get("/assets/notices-new").text
    page = clerk.get(f"/assets/notices-new?region={village_of(house)}").text
    assert "D-1" in page
    told = {"region": village_of(house), "asset": str(_id(house, "D-1")), "place": "公示栏"}
    assert clerk.post("/assets/notices-new", data=told).status_code == 422
    told |= {"days": "7", "basis": "示例县细则"}
    sent = clerk.post("/assets/notices-new", data=told, follow_redirects=False)
    assert sent.status_code == 303


def test_an_ugly_ledger_is_mended_and_sent_again(house: House, accountant: TestClient) -> None:
    """Good rows go in, the others come back in a workbook that is mended and imported."""
    head = ("资产编码", "资产名称", "类别", "原值（万元）", "建成日期")
    ugly = book(
        ["示例村台账"], head, ("I-1", "果库", "经营性", 1.5, "2020.3.5"),
        ("I-2", "村道", "公益性", "约三万", "2020年"), ("小计", "", "", 3, ""),
    )  # fmt: skip
    files = {"file": ("台账.xlsx", ugly, "application/octet-stream")}
    sent = accountant.post("/assets/import", data={"region": village_of(house)}, files=files)
    assert sent.status_code == 200
    assert "约三万" in sent.text
    draft = str(sent.url)
    with house.store.read() as connection:
        assert queries.ids_by_code(connection, village_of(house)[:6], ["I-1"]) == {}
    assert accountant.post(f"{draft}/take").status_code == 200
    assert accountant.post(f"{draft}/take").status_code == 409
    wrong = load_workbook(io.BytesIO(accountant.get(f"{draft}/wrong.xlsx").content))
    sheet = wrong.active
    cells = {cell.value: cell.column_letter for cell in sheet[1]}
    assert sheet[f"{cells['资产原值（元）']}2"].value == "约三万万元"
    assert "2020年" in sheet[f"{cells['问题']}2"].value
    sheet[f"{cells['资产原值（元）']}2"] = "3万元"
    sheet[f"{cells['建成日期']}2"] = "2020-05-01"
    out = io.BytesIO()
    wrong.save(out)
    again = {"file": ("to-mend.xlsx", out.getvalue(), "application/octet-stream")}
    sent = accountant.post("/assets/import", data={"region": village_of(house)}, files=again)
    accountant.post(f"{sent.url}/take")
    with house.store.read() as connection:
        mended = queries.asset_by_code(connection, village_of(house)[:6], "I-2")
    assert mended.asset.cost_fen == 3_000_000
    sent = accountant.post("/assets/import", data={"region": village_of(house)}, files=again)
    assert sent.status_code == 200
    assert accountant.get(f"{sent.url}?show=same").text.count("I-2") >= 1


def test_no_ledger_is_refused_in_words(house: House, accountant: TestClient) -> None:
    """And a draft is its owner's alone."""
    files = {"file": ("照片.xlsx", b"\xff\xd8\xff", "application/octet-stream")}
    sent = accountant.post("/assets/import", data={"region": village_of(house)}, files=files)
    assert sent.status_code == 422
    assert accountant.get("/assets/import/0199a000-0000-7000-8000-000000000001").status_code == 404
    assert accountant.get("/assets/import/template.xlsx").status_code == 200


def test_the_ledger_round_trips(house: House, accountant: TestClient) -> None:
    """What is downloaded and sent again changes nothing."""
    book_file = accountant.get("/assets/ledger.xlsx").content
    files = {"file": ("ledger.xlsx", book_file, "application/octet-stream")}
    sent = accountant.post("/assets/import", data={"region": village_of(house)}, files=files)
    assert sent.status_code == 200
    assert "没有可以入账的行" in sent.text
    assert "下载有问题的" not in sent.text
