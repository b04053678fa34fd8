"""Pages and API of persons: rights by region, masked until a reason is given, looks recorded."""

import io
from uuid import UUID

import pytest
from openpyxl import load_workbook
from tests.domains.livelihood.persons.world import Village, everybody, named, sheet, take
from tests.visitor import TestClient, account_with, signed_in

from longmai.portal.house import House
from longmai.portal.jobs_pages import works_of
from longmai.portal.rights.model import Grant
from longmai.store.worker import Worker

BASE = "/livelihood/persons"


@pytest.fixture
def accountant(house: House) -> TestClient:
    """A village's accountant, signed in."""
    return client_of(house, Village.of(house).village, "accountant")


def client_of(house: House, region: str, login: str) -> TestClient:
    """Return the client of an accountant of a village."""
    grant = Grant("village_accountant", region, "service")
    return signed_in(house, account_with(house, grant, login=login, region=region))


def run_jobs(house: House) -> None:
    """Do the work that waits in the queue."""
    worker = Worker(house.jobs, works_of(house))
    while worker.run_one():
        pass


def test_a_person_is_masked_until_a_reason_is_given(house: House, accountant: TestClient) -> None:
    """And the look stands in the person's list of looks."""
    take(house, sheet(Village.of(house).register()))
    found = named(house, "李月芳")
    page = accountant.get(f"{BASE}/{found.id}").text
    assert "李月芳" in page
    assert found.id_number not in page
    refused = accountant.post(f"{BASE}/{found.id}/look", data={"reason": " "})
    assert refused.status_code == 422
    accountant.post(f"{BASE}/{found.id}/look", data={"reason": "核对低保"})
    assert found.id_number in accountant.get(f"{BASE}/{found.id}").text
    assert "核对低保" in accountant.get(f"{BASE}/{found.id}/looks").text
    assert "核对低保" in accountant.get(f"{BASE}/{found.id}/looks.csv").text


def test_another_village_sees_nothing(house: House, accountant: TestClient) -> None:
    """Neither in the list, nor by address, nor in the search; who has no post is refused."""
    take(house, sheet(Village.of(house).register()))
    found = named(house, "李月芳")
    elsewhere = next(
        each.code for each in house.regions.children(Village.of(house).village[:9])
        if each.code != Village.of(house).village
    )  # fmt: skip
    other = client_of(house, elsewhere, "other")
    assert "李月芳" in accountant.get(BASE).text
    assert "李月芳" not in other.get(BASE).text
    assert str(found.id) in accountant.get("/search?q=李月芳").text
    assert str(found.id) not in other.get("/search?q=李月芳").text
    for path in ("", "/looks"):
        assert other.get(f"{BASE}/{found.id}{path}").status_code == 404
    assert other.post(f"{BASE}/{found.id}/look", data={"reason": "x"}).status_code == 404
    nobody = signed_in(house, account_with(house, login="nobody"))
    assert nobody.get(BASE).status_code == 403


def send(client: TestClient, house: House, rows: list[dict[str, str]]) -> str:
    """Send a file, accept its columns and have it taken; return the address it leads to."""
    file = sheet(rows)
    told = {"department": "村（社区）", "region": Village.of(house).village, "as_of": "2025-06-30"}
    sent = client.post(f"{BASE}/files/new", data=told, files={"file": (file.name, file.data)})
    address = str(sent.url.path)
    page = client.post(address, data={"title": "户籍"})
    run_jobs(house)
    assert page.url.path.startswith("/jobs/")
    [job], _ = house.jobs.jobs(0, 1)
    assert job.state == "done", job.error
    return str((job.result or {})["page"])


def test_a_file_is_sent_mended_and_sent_again(house: House, accountant: TestClient) -> None:
    """The report names row, column, value and what to do; nothing was written meanwhile."""
    rows = [row | {"身份证号": ""} for row in Village.of(house).register()]
    address = send(accountant, house, [rows[0] | {"出生日期": "1950-13-04"}, *rows[1:]])
    page = accountant.get(address).text
    assert "1950-13-04" in page
    assert everybody(house) == []
    book = load_workbook(io.BytesIO(accountant.get(f"{address}/report.xlsx").content))
    [_, first] = book.active.iter_rows(values_only=True)
    assert first[:3] == (2, "出生日期", "1950-13-04")
    assert "1990-01-02" in first[4]
    assert "/uploads/" in accountant.get("/work").text
    taken = send(accountant, house, rows)
    assert "/files/" in taken
    assert len(everybody(house)) == 6
    assert accountant.get(taken).status_code == 200
    accountant.post(f"{taken}/withdraw")
    assert everybody(house) == []


def test_only_sound_rows_are_taken_where_that_is_asked(
    house: House, accountant: TestClient
) -> None:
    """The others are left out, and told."""
    rows = [row | {"身份证号": ""} for row in Village.of(house).register()]
    address = send(accountant, house, [rows[0] | {"性别": "不明"}, *rows[1:]])
    accountant.post(f"{address}/leave-faulty")
    run_jobs(house)
    assert len(everybody(house)) == 5


def test_a_file_of_another_region_is_refused(house: House, accountant: TestClient) -> None:
    """Before it is kept."""
    file = sheet(Village.of(house).register())
    told = {"department": "公安", "region": house.regions.code, "as_of": "2025-06-30"}
    sent = accountant.post(f"{BASE}/files/new", data=told, files={"file": (file.name, file.data)})
    assert sent.status_code == 403


def test_a_pair_is_reviewed_on_its_page(house: House, accountant: TestClient) -> None:
    """Masked first; once looked at, decided; then nothing waits."""
    village = Village.of(house)
    take(house, sheet(village.register(), "公安-户籍.csv"))
    take(house, sheet(village.assistance(), "民政-低保.csv"), "民政")
    listed = accountant.get(f"{BASE}/review").text
    address = listed.split(f'action="{BASE}/review/')[1].split('/look"')[0]
    hidden = accountant.get(f"{BASE}/review/{address}").text
    assert "10009999999" not in hidden
    shown = accountant.post(f"{BASE}/review/{address}/look", data={"after": "0"}).text
    assert "<mark>" in shown
    accountant.post(f"{BASE}/review/{address}", data={"verdict": "same", "after": "0"})
    assert len(everybody(house)) == 6
    kept = named(house, "陈秋收")
    history = accountant.get(f"{BASE}/{kept.id}").text
    undo = history.split(f'action="{BASE}/{kept.id}/undo/')[1].split('"')[0]
    accountant.post(f"{BASE}/{kept.id}/undo/{undo}")
    assert len(everybody(house)) == 7


def test_consents_are_said_on_the_profile(house: House, accountant: TestClient) -> None:
    """A child's by the guardian alone."""
    take(house, sheet(Village.of(house).register()))
    child = named(house, "王冬藏")
    told = {"purpose": "health", "deed": "give", "given_by": "self", "way": "paper"}
    assert accountant.post(f"{BASE}/{child.id}/consents", data=told).status_code == 422
    told |= {"given_by": "guardian", "guardian": "王天来"}
    assert "王天来" in accountant.post(f"{BASE}/{child.id}/consents", data=told).text


def test_programs_send_files_and_read_persons(house: House, accountant: TestClient) -> None:
    """Under the same rights, with a reason for what is personal."""
    village = Village.of(house)
    file = sheet([row | {"身份证号": ""} for row in village.register()])
    told = {"department": "公安", "region": village.village, "as_of": "2025-06-30"}
    sent = accountant.post(
        "/api/v1/livelihood/files", data=told, files={"file": (file.name, file.data)}
    )
    assert sent.status_code == 202
    assert sent.json()["columns"]["姓名"] == "name"
    run_jobs(house)
    gone = accountant.get(f"/api/v1/livelihood/files/{sent.json()['upload_id']}")
    assert gone.status_code == 404
    page = accountant.get("/api/v1/livelihood/persons", params={"q": "lyf"}).json()
    assert page["total"] == 1
    address = f"/api/v1/livelihood/persons/{UUID(page['items'][0]['id'])}"
    assert accountant.get(address).status_code == 422
    told = accountant.get(address, params={"reason": "核对"}).json()
    assert {each["key"] for each in told["fields"]} >= {"name", "birth_date", "phone"}
