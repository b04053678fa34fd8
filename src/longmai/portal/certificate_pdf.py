"""The printed certificate: one record and what proves it, on paper, with a QR code to its page.

Paper proves nothing by itself. It says what to look at, and how to check it; the JSON certificate
and the page that the code opens carry the proof.
"""

import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from longmai.kernel.clock import from_text
from longmai.ledger.log import signing_key
from longmai.ledger.note import Checkpoint, VerifierKey, parse_checkpoint, signers_named, split_note
from longmai.ledger.record import Record
from longmai.portal.qr import qr_svg
from longmai.portal.rendering import Words, local_time
from longmai.portal.typeset import pdf_of

_TEMPLATE = Path(__file__).parent / "certificate.typ"
# A content of ten thousand values would make a book, not a certificate.
MAX_LINES = 400
MAX_VALUE_CHARACTERS = 2_000


@dataclass(frozen=True)
class Proven:
    """A record, and what is known of its proof.

    Attributes:
        record: with its payload, unless that was erased.
        leaf_index: its place in the log.
        note: the checkpoint that covers it.
        key: the log's verifier key.
        anchors: checkpoints of the logs above, from the next one up.
        erased: what to say of the erasure; empty if the content is there.
        sample: whether it is sample data.
        address: of the record's page.
    """

    record: Record
    leaf_index: int
    note: str
    key: VerifierKey
    anchors: Sequence[Checkpoint]
    erased: str
    sample: bool
    address: str


@dataclass(frozen=True)
class _Fact:
    name: str
    value: str
    exact: bool = False


def certificate_pdf(proven: Proven, t: Words) -> bytes:
    """Return the certificate as PDF, A4, in the language of the words."""
    content = list(_content(proven.record))
    told = {
        "language": t.language,
        "house": t("certificate.house"),
        "title": t("certificate.title"),
        "lead": t("certificate.lead", origin=proven.key.name, index=proven.leaf_index),
        "mark": t("certificate.sample") if proven.sample else "",
        "qr": qr_svg(proven.address),
        "scan": t("certificate.scan"),
        "footer": proven.address,
        "page_of": t("certificate.page_of"),
        "words": {
            name: t(f"certificate.{name}") for name in ("record", "content", "proof", "check")
        },
        "record": [asdict(fact) for fact in _record_facts(proven, t)],
        "erased": proven.erased,
        "content": [asdict(fact) for fact in content[:MAX_LINES]],
        "more": t("certificate.more", n=len(content) - MAX_LINES)
        if len(content) > MAX_LINES
        else "",
        "proof": [asdict(fact) for fact in _proof_facts(proven, t)],
        "check": [
            t(f"certificate.check_{number}", verifier_key=str(proven.key)) for number in (1, 2, 3)
        ],
    }
    return pdf_of(_TEMPLATE, told)


def _record_facts(proven: Proven, t: Words) -> Iterator[_Fact]:
    header = proven.record.fields()
    kind = str(header["kind"])
    known = t.house.catalogue.has(f"kind.{kind}")
    yield _Fact(t("ledger.kind"), t(f"kind.{kind}") if known else kind)
    for name in ("occurred_at", "recorded_at"):
        yield _Fact(t(f"certificate.{name}"), _local(str(header[name])))
    yield _Fact(t("ledger.record.region"), str(header["region"]) or "–")
    yield _Fact(t("ledger.actor"), str(header["actor"]))
    for subject in header["subjects"]:
        yield _Fact(t("ledger.subject"), str(subject), exact=True)
    yield _Fact(t("ledger.record.id"), str(header["id"]), exact=True)


def _local(text: str) -> str:
    return local_time(from_text(text), "%Y-%m-%d %H:%M:%S")


def _content(record: Record) -> Iterator[_Fact]:
    if record.payload is not None:
        yield from _lines("", json.loads(record.payload))


def _lines(path: str, value: Any) -> Iterator[_Fact]:
    """Yield the values of a JSON document, each with its path."""
    if isinstance(value, Mapping) and value:
        for name, each in value.items():
            yield from _lines(f"{path}.{name}" if path else str(name), each)
    elif isinstance(value, list) and value:
        for number, each in enumerate(value, 1):
            yield from _lines(f"{path}[{number}]", each)
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if len(text) > MAX_VALUE_CHARACTERS:
            text = text[:MAX_VALUE_CHARACTERS] + "…"
        yield _Fact(_visible(path), _visible(text))


def _visible(text: str) -> str:
    """Write characters that print nothing, or turn the direction of text, as their numbers."""
    return "".join(
        character
        if character == "\n" or unicodedata.category(character) not in {"Cc", "Cf", "Co", "Cn"}
        else f"⟨U+{ord(character):04X}⟩"
        for character in text
    )


def _proof_facts(proven: Proven, t: Words) -> Iterator[_Fact]:
    claimed = parse_checkpoint(split_note(proven.note)[0])
    yield _Fact(t("ledger.origin"), claimed.origin, exact=True)
    yield _Fact(t("ledger.leaf_index"), str(proven.leaf_index))
    yield _Fact(t("certificate.size"), str(claimed.size))
    yield _Fact(t("ledger.root"), claimed.root.hex(), exact=True)
    commitment = str(proven.record.fields()["commitment"])
    yield _Fact(t("ledger.record.commitment"), commitment, exact=True)
    yield _Fact(t("ledger.key"), str(signing_key(proven.note, [proven.key])), exact=True)
    cosigned = [(name, at) for name, _, at in signers_named(proven.note) if at is not None]
    for name, at in cosigned:
        yield _Fact(t("ledger.levels.witnesses"), f"{name}  {local_time(at)}")
    for above in proven.anchors:
        value = t("certificate.anchor", origin=above.origin, size=above.size)
        yield _Fact(t("verify.anchors"), value)
