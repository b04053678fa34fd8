"""The outbox: put down with the act or not at all; each message read once, whatever crashes."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from tests.domains.livelihood.casework.world import World, world

from longmai.domains.livelihood.casework import service
from longmai.domains.livelihood.casework.outbox import SHELF, messages, send_again
from longmai.domains.livelihood.casework.tables import DELIVERY, MESSAGE
from longmai.kernel.clock import FixedClock
from longmai.kernel.errors import Invalid, NotFound, Unavailable
from longmai.portal.channels import (
    FileChannel,
    Letter,
    MailChannel,
    WebhookChannel,
    channels_of,
)
from longmai.portal.outbox import PAUSES, Outbox
from longmai.portal.rights.model import EVERYWHERE
from longmai.portal.webhooks import signature
from longmai.store.table_window import Window

START = datetime(2030, 1, 1, tzinfo=UTC)


class Crash(BaseException):
    """The process ends."""


@dataclass
class Receiver:
    """Takes messages, and reads each key once; fails, or lets the sender crash, as it is told."""

    plan: list[str] = field(default_factory=list)
    read: dict[str, int] = field(default_factory=dict)
    taken: int = 0

    def send(self, letter: Letter) -> None:
        """Take a message."""
        what = self.plan.pop(0) if self.plan else "take"
        if what == "fail":
            raise Unavailable("no network")
        if what == "crash before":
            raise Crash
        self.taken += 1
        # By the key the receiver knows what it read already.
        self.read.setdefault(letter.key, 1)
        if what == "crash after":
            raise Crash


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    """A house with leads."""
    with world(tmp_path) as opened:
        yield opened


def told(made: World, person: str = "p1", channel: str = "file") -> object:
    """Open a case and tell the person."""
    case_id = made.opened(person)
    with made.house.store.begin() as work:
        message = service.Message(channel, "13900001234", "告知", "您好")
        return service.notify(made.desk(work), case_id, message)


def outbox(made: World, receiver: object, now: datetime = START) -> Outbox:
    """Return the outbox at a time."""
    return Outbox(made.house.store, FixedClock(now), {"file": receiver}, SHELF)  # type: ignore[dict-item] # a channel


def test_a_message_is_put_down_with_its_act_or_not_at_all(made: World) -> None:
    """What is rolled back leaves neither; what is printed is not sent."""
    case_id = made.opened()
    with pytest.raises(RuntimeError), made.house.store.begin() as work:
        message = service.Message("file", "139", "告知", "您好")
        service.notify(made.desk(work), case_id, message)
        raise RuntimeError
    with made.house.store.begin() as work:
        service.notify(made.desk(work), case_id, service.Message("paper", "", "告知", "您好"))
    with made.house.store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(MESSAGE)) == 1
        assert connection.scalar(select(func.count()).select_from(DELIVERY)) == 0


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(["take", "fail", "crash before", "crash after"]), min_size=1, max_size=9
    )
)
def test_each_message_is_read_once_whatever_crashes(
    tmp_path_factory: pytest.TempPathFactory, plan: list[str]
) -> None:
    """After every crash another process goes on; in the end each has arrived, and was read once."""
    with world(tmp_path_factory.mktemp("outbox")) as made:
        keys = {str(told(made, person)) for person in ("p1", "p2")}
        receiver = Receiver(list(plan))
        now = START
        for _ in range(len(plan) + 4):
            with suppress(Crash):
                outbox(made, receiver, now).send_due()
            now += timedelta(days=2)
        assert set(receiver.read) == keys
        with made.house.store.read() as connection:
            _, sent = messages(connection, EVERYWHERE, Window("at"), "arrived")
        assert {str(each.id) for each in sent} == keys
        before = receiver.taken
        outbox(made, receiver, now).send_due()
        assert receiver.taken == before


def test_two_processes_do_not_send_the_same(made: World) -> None:
    """What one has taken is not the other's, for a while."""
    told(made)
    receiver = Receiver()
    first, second = outbox(made, receiver), outbox(made, receiver)
    [row] = first._due()
    assert first._claim(row)
    assert not second._claim(row)
    assert second.send_due() == 0
    assert outbox(made, receiver, START + timedelta(minutes=2)).send_due() == 1


def test_who_does_not_take_it_is_asked_ever_more_seldom(made: World) -> None:
    """And is given up at last; somebody may have it sent again, with the same key."""
    message_id = told(made)
    receiver = Receiver(["fail"] * 30)
    now, times = START, []
    for _ in range(20):
        with made.house.store.read() as connection:
            due = connection.scalar(select(DELIVERY.c.due_at))
        if due is None:
            break
        now = max(now, due)
        times.append(now)
        outbox(made, receiver, now).send_due()
    gaps = [later - sooner for sooner, later in pairwise(times)]
    assert gaps == list(PAUSES)
    with made.house.store.begin() as work:
        send_again(work.connection, message_id, EVERYWHERE, now)  # type: ignore[arg-type] # an ID
    receiver.plan = []
    assert outbox(made, receiver, now).send_due() == 1
    assert list(receiver.read) == [str(message_id)]
    with pytest.raises(NotFound), made.house.store.begin() as work:
        send_again(work.connection, message_id, EVERYWHERE, now)  # type: ignore[arg-type] # an ID


def test_a_way_out_that_is_not_there_is_said(made: World) -> None:
    """Given up at once, with the reason."""
    told(made, channel="webhook")
    assert outbox(made, Receiver()).send_due() == 0
    with made.house.store.read() as connection:
        _, [sent] = messages(connection, EVERYWHERE, Window("at"))
    assert sent.state == "given_up"
    assert "webhook" in str(sent.error)


LETTER = Letter("k1", "13900001234", "告知", "您好")


def test_a_file_is_written_whole_and_once(tmp_path: Path) -> None:
    """A second time it stays as it is, though somebody read it meanwhile."""
    channel = FileChannel(tmp_path / "out")
    channel.send(LETTER)
    channel.send(replace(LETTER, body="另一个"))
    [file] = (tmp_path / "out").iterdir()
    assert json.loads(file.read_text("utf-8"))["body"] == "您好"
    with pytest.raises(Unavailable):
        FileChannel(Path("/dev/null/out")).send(LETTER)


def test_a_gateway_is_given_the_key_and_a_signature() -> None:
    """What is not 2xx is put off; an address inside is refused."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200 if len(asked) == 1 else 503)

    http = httpx.Client(transport=httpx.MockTransport(answer))
    channel = WebhookChannel("http://127.0.0.1:9/sms", "secret", inside=True, http=http)
    channel.send(LETTER)
    assert asked[0].headers["Idempotency-Key"] == "k1"
    assert asked[0].headers["Longmai-Signature"] == signature("secret", asked[0].content)
    with pytest.raises(Unavailable, match="503"):
        channel.send(LETTER)
    with pytest.raises(Invalid, match="private"):
        replace(channel, inside=False).send(LETTER)


def test_no_mail_server_is_put_off(made: World) -> None:
    """And the house names the ways out it has."""
    with pytest.raises(Unavailable):
        MailChannel("smtp://127.0.0.1:9", "a@b.example").send(LETTER)
    assert set(channels_of(made.house.settings)) == {"file"}
