"""Long work on pages: asked for, followed, cancelled, tried again."""

import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import update
from tests.house import anybody, document, opened_house
from tests.visitor import TestClient, holder, visitor

from longmai.domains.brand.service import capture
from longmai.portal.house import House
from longmai.portal.jobs_pages import AUDIT_KIND, works_of
from longmai.store.database import writing
from longmai.store.ledger import RECORD
from longmai.store.worker import Worker

EVENT = {
    "type": "ObjectEvent",
    "action": "OBSERVE",
    "eventTime": "2025-10-01T08:00:00+08:00",
    "eventTimeZoneOffset": "+08:00",
    "epcList": ["https://id.gs1.org/01/09521234543213/21/BOX7"],
}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house with one record."""
    with opened_house(tmp_path) as opened:
        with opened.store.begin() as work:
            capture(work, document([EVENT]), anybody(opened))
        opened.integrate()
        yield opened


@pytest.fixture
def client(house: House) -> TestClient:
    """A system administrator; no worker runs."""
    return holder(house, "admin_system")


def asked(client: TestClient) -> str:
    """Ask for an audit, and return the address of its page."""
    answer = client.post("/ledger/audit", follow_redirects=False)
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def test_an_audit_is_asked_for_and_its_result_shown(house: House, client: TestClient) -> None:
    """From the ledger's page to the result; the audit is remembered."""
    assert 'action="/ledger/audit"' in client.get("/ledger").text
    page = asked(client)
    waiting = client.get(f"{page}?lang=en").text
    assert "data-poll" in waiting
    assert "waiting" in waiting
    assert Worker(house.jobs, works_of(house)).run_one()
    done = client.get(f"{page}?lang=en").text
    assert "data-poll" not in done
    assert "Records audited" in done
    assert (house.settings.data / "audit.json").exists()
    assert page in client.get("/jobs").text


def test_findings_are_listed(house: House, client: TestClient) -> None:
    """A changed payload is named on the job's page."""
    page = asked(client)
    with writing(house.store.engine) as connection:
        connection.execute(update(RECORD).values(payload=b"{}"))
    Worker(house.jobs, works_of(house)).run_one()
    assert "not the one that was recorded" in client.get(page).text


def test_a_job_is_cancelled_and_tried_again(house: House, client: TestClient) -> None:
    """Each by its button; what cannot be is refused."""
    page = asked(client)
    assert client.post(f"{page}/cancel").status_code == 200
    assert "已取消" in client.get(f"{page}?lang=zh").text
    assert client.post(f"{page}/cancel").status_code == 409
    assert client.post(f"{page}/retry").status_code == 200
    assert Worker(house.jobs, works_of(house)).run_one()
    assert client.post(f"{page}/retry").status_code == 409


def test_jobs_are_seen_by_their_owner_and_administrators_alone(
    house: House, client: TestClient
) -> None:
    """To others a job is not there; a stranger signs in first; an unknown job is not found."""
    page = asked(client)
    other, stranger = holder(house, "official", login="other"), visitor(house, "192.0.2.7")
    for address in (f"{page}/cancel", f"{page}/retry"):
        assert other.post(address).status_code == 404
        assert stranger.post(address).status_code == 401
    assert other.get(page).status_code == 404
    assert page not in other.get("/jobs").text
    assert other.post("/ledger/audit").status_code == 403
    auditor = holder(house, "admin_audit", login="auditor")
    assert auditor.get(page).status_code == 200
    assert auditor.post(f"{page}/cancel").status_code == 404
    assert client.get(f"/jobs/{uuid4()}").status_code == 404


def test_a_served_house_does_its_jobs_by_itself(house: House) -> None:
    """The worker runs with the application."""
    with holder(house, "admin_system") as served:
        page = asked(served)
        for _ in range(100):
            if "data-poll" not in served.get(page).text:
                break
            time.sleep(0.1)
        assert "data-poll" not in served.get(page).text
    found, total = house.jobs.jobs(0, 10)
    assert total == 1
    assert [(job.kind, job.state) for job in found] == [(AUDIT_KIND, "done")]


def test_the_empty_list_is_kind(client: TestClient) -> None:
    """In words."""
    assert "还没有任务" in client.get("/jobs?lang=zh").text
