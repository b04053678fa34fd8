"""Ways out for a message: a file in a folder, mail, a gateway to phones.

Each carries the message's key, by which its receiver knows one that comes twice: after a crash
between sending and noting it, a message is sent again, and must not be read twice.
"""

import json
import os
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import httpx

from longmai.kernel.errors import Invalid, Unavailable
from longmai.kernel.settings import Settings
from longmai.portal.webhooks import pinned, signature

TIMEOUT_S = 10.0
_SECURE_PORT, _PLAIN_PORT = 465, 587


@dataclass(frozen=True)
class Letter:
    """A message as it goes out.

    Attributes:
        key: the same each time it is sent.
    """

    key: str
    recipient: str
    title: str
    body: str


class Channel(Protocol):
    """Takes messages out of the house."""

    def send(self, letter: Letter) -> None:
        """Hand a message over; once this returned it has arrived.

        Raises:
            Unavailable: it did not; trying again may help.
            Invalid: it never will.
        """
        ...


@dataclass(frozen=True)
class FileChannel:
    """A file a message in a folder, for a gateway without a network, or to be printed."""

    folder: Path

    def send(self, letter: Letter) -> None:
        """Write the file whole or not at all; one that is there already stays."""
        file = self.folder / f"{letter.key}.json"
        if file.exists():
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            beside = file.with_suffix(".part")
            with beside.open("w", encoding="utf-8") as opened:
                json.dump(asdict(letter), opened, ensure_ascii=False, indent=1)
                opened.flush()
                os.fsync(opened.fileno())
            beside.rename(file)
        except OSError as error:
            raise Unavailable(
                "the file cannot be written", code="outbox.file", value=error.strerror
            ) from error


@dataclass(frozen=True)
class MailChannel:
    """A mail server."""

    server: str
    sender: str

    def send(self, letter: Letter) -> None:
        """Hand it to the mail server; its Message-ID is the key."""
        parts = urlsplit(self.server)
        mail = EmailMessage(policy=SMTP)
        domain = self.sender.rpartition("@")[2] or "localhost"
        mail["Message-ID"] = f"<{letter.key}@{domain}>"
        mail["From"], mail["To"], mail["Subject"] = self.sender, letter.recipient, letter.title
        mail.set_content(letter.body)
        try:
            with _mail_server(parts.scheme, parts.hostname or "", parts.port) as server:
                if parts.username:
                    server.login(unquote(parts.username), unquote(parts.password or ""))
                server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            raise Invalid(
                "the mail server knows no such address", code="outbox.recipient",
                value=letter.recipient,
            ) from error  # fmt: skip
        except (smtplib.SMTPException, OSError) as error:
            raise Unavailable(
                "the mail server did not take it", code="outbox.mail", value=str(error)
            ) from error


def _mail_server(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or _SECURE_PORT, timeout=TIMEOUT_S, context=context)
    server = smtplib.SMTP(host, port or _PLAIN_PORT, timeout=TIMEOUT_S)
    server.ehlo()
    if server.has_extn("starttls"):
        server.starttls(context=context)
    return server


@dataclass(frozen=True)
class WebhookChannel:
    """A gateway to phones: a POST with the key in ``Idempotency-Key``, signed with a secret."""

    address: str
    secret: str
    inside: bool
    http: httpx.Client

    def send(self, letter: Letter) -> None:
        """Post it; an answer of 2xx means that it arrived, also if it came before."""
        body = json.dumps(asdict(letter), ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": letter.key}
        if self.secret:
            headers["Longmai-Signature"] = signature(self.secret, body)
        try:
            address, more, extensions = pinned(self.address, inside=self.inside)
            answer = self.http.post(
                address, content=body, headers=headers | more, extensions=extensions
            )
        except (httpx.HTTPError, OSError) as error:
            raise Unavailable(
                "the gateway cannot be reached",
                code="outbox.webhook",
                value=str(error) or type(error).__name__,
            ) from error
        if not answer.is_success:
            raise Unavailable(
                f"the gateway answered with {answer.status_code}", code="outbox.webhook"
            )


def channels_of(settings: Settings) -> Mapping[str, Channel]:
    """Return the ways out that this house has, by name."""
    found: dict[str, Channel] = {"file": FileChannel(settings.data / "outbox")}
    if settings.smtp and settings.smtp_from:
        found["mail"] = MailChannel(settings.smtp, settings.smtp_from)
    if settings.message_webhook:
        found["webhook"] = WebhookChannel(
            settings.message_webhook,
            settings.message_secret,
            settings.webhooks_inside,
            httpx.Client(timeout=TIMEOUT_S, follow_redirects=False),
        )
    return found
