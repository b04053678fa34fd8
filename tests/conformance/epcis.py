"""EPCIS sets: valid documents are captured, invalid ones refused, keys and hashes agree.

``epcis/<source>/<version>/EPCIS/{JSON,XML}/Capture/{Documents,Events}`` hold valid documents, and
``…/Capture/Invalid`` invalid ones, in subfolders too. ``epcis/event-hash`` holds valid documents
with the strings that another implementation hashes (the Digital Link URIs in them are its keys)
and their hashes; all events of a file of its ``expected_equal`` have one hash.

What the standard asks of a document against the name of its set stands in
``epcis_decisions.toml``, with the reason; the line of a suite tells how many those are.
"""

import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote

from tests.conformance.suite import SuiteResult

from longmai.domains.brand.model.epcis import parse_document
from longmai.domains.brand.model.epcis.event_hash import event_hash, events_of, ignored_fields
from longmai.domains.brand.model.epcis.read import body_of, parse_query_document
from longmai.domains.brand.model.epcis.xml_write import write_document
from longmai.domains.brand.model.gs1 import is_key
from longmai.domains.brand.model.query.parameters import read_query
from longmai.domains.brand.model.query.poll import read_poll
from longmai.domains.brand.model.trace import trace
from longmai.domains.brand.queries import SqlEvents
from longmai.domains.brand.service import Capturer, capture
from longmai.domains.brand.tables import PROJECTIONS
from longmai.kernel.clock import SystemClock
from longmai.kernel.errors import Invalid, InvalidMany, LongmaiError
from longmai.portal.rights.model import EVERYWHERE
from longmai.store.database import connect, migrate
from longmai.store.unit_of_work import Store

_JSON = frozenset({".json", ".jsonld"})
_XML = frozenset({".xml"})
_DECISIONS = tomllib.loads(Path(__file__).with_name("epcis_decisions.toml").read_text("utf-8"))[
    "decision"
]
_QUERY = "epcis.type.query"
_RESOLVER = "https://id.gs1.org/"
Fault = Callable[[Path], str | None]


def suites(data: Path) -> Iterable[SuiteResult]:
    """Run the EPCIS suites found in a folder of outside data."""
    sets = data / "epcis"
    for form, endings in (("json", _JSON), ("xml", _XML)):
        capture_folder = f"*/*/EPCIS/{form.upper()}/Capture"
        valid = [f"{capture_folder}/Documents", f"{capture_folder}/Events"]
        named: tuple[tuple[str, list[Path], Fault], ...] = (
            (f"epcis-valid {form}", _documents(sets, endings, *valid), why_not_captured),
            (
                f"epcis-invalid {form}",
                _documents(sets, endings, f"{capture_folder}/Invalid"),
                why_not_refused,
            ),
        )
        for name, files, fault in named:
            if files:
                yield _run(name, files, fault, data)
        yield from _query_suites(sets, form, endings, data)
    yield from _hash_suites(sets / "event-hash", data)


def _query_suites(
    sets: Path, form: str, endings: Collection[str], data: Path
) -> Iterable[SuiteResult]:
    folder = f"*/*/EPCIS/{form.upper()}/Query"
    everything = _documents(sets, endings, folder)
    queries = [file for file in everything if "Queries" in file.parts]
    answers = [file for file in everything if "Queries" not in file.parts]
    for name, files, read in (
        (f"epcis-query-document {form}", answers, parse_query_document),
        (f"epcis-query {form}", queries, _parse_query),
    ):
        if files:
            yield _run(name, files, partial(_why_not_as_its_folder_says, read), data)


def _parse_query(text: bytes) -> object:
    return read_query(read_poll(text))


def _why_not_as_its_folder_says(read: Callable[[bytes], object], file: Path) -> str | None:
    valid = "Invalid" not in file.parts
    try:
        read(file.read_bytes())
    except Invalid as refusal:
        return str(refusal) if valid and not _decided(file, refusal) else None
    return None if valid else "it was taken"


def _hash_suites(folder: Path, data: Path) -> Iterable[SuiteResult]:
    json_files = _documents(folder, _JSON, ".")
    files = _documents(folder, _JSON | _XML, ".")
    keyed = [file for file in json_files if file.with_suffix(".prehashes").is_file()]
    hashed = [file for file in files if file.with_suffix(".hashes").is_file()]
    both = [f for f in json_files if f.suffix == ".jsonld" and f.with_suffix(".xml").is_file()]
    alike = [file for file in files if file.parent.name == "expected_equal"]
    for name, found, fault in (
        ("epcis-event-hash json", json_files, why_not_taken_for_what_it_is),
        ("epcis-event-hash keys", keyed, why_not_the_same_keys),
        ("epcis-hash vectors", hashed, why_not_the_same_hashes),
        ("epcis-hash json is xml", both, why_json_is_not_xml),
        ("epcis-hash expected_equal", alike, why_not_one_hash),
        ("epcis-xml there and back", files, why_not_the_same_after_xml),
    ):
        if found:
            yield _run(name, found, fault, data)


def why_not_captured(file: Path) -> str | None:
    """Return why a valid document is not captured, or cannot be traced; None if it is and can."""
    with TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{folder}/longmai.db")
        migrate(engine)
        store = Store(engine, PROJECTIONS, SystemClock())
        try:
            with store.begin() as work:
                capture(work, file.read_bytes(), _anybody(store))
            with store.read() as connection:
                untraced = list(_untraced(SqlEvents(connection), file.read_bytes()))
        except InvalidMany as refusal:
            return None if _decided(file, refusal) else str(refusal)
        except LongmaiError as refusal:
            return str(refusal)
        finally:
            engine.dispose()
    return f"no trace of {untraced[0]}" if untraced else None


def _untraced(events: SqlEvents, text: bytes) -> Iterator[str]:
    """Yield the things of events that stand whose own trace does not lead to a step."""
    declared = {
        event.event_id
        for event in parse_document(text).events
        if event.event_id and "errorDeclaration" in event.body
    }
    for event in parse_document(text).events:
        in_error = event.event_id in declared or "errorDeclaration" in event.body
        for item in event.items:
            if not in_error and not trace(events, item.key).steps:
                yield item.key


def why_not_refused(file: Path) -> str | None:
    """Return why a document that is invalid is not refused as it should; None if it is."""
    try:
        parse_document(file.read_bytes())
    except InvalidMany as refusal:
        nowhere = [found for found in refusal.findings if not found.place]
        return f"a finding without a place: {nowhere[0]}" if nowhere else None
    return "it was captured"


def why_not_taken_for_what_it_is(file: Path) -> str | None:
    """Return what is wrong with the reading of an event-hash document; None if nothing.

    One of them is the answer to a query, and no capture document (EPCIS 2.0 §12): it has to be
    refused as just that. The rest are captured.
    """
    try:
        parse_document(file.read_bytes())
    except InvalidMany as refusal:
        if [found.code for found in refusal.findings] == [_QUERY]:
            return None
        return str(refusal)
    return None


def why_not_the_same_keys(file: Path) -> str | None:
    """Return a key that the other implementation does not have; None if it has all."""
    theirs = unquote(file.with_suffix(".prehashes").read_text("utf-8"))
    try:
        document = parse_document(file.read_bytes())
    except InvalidMany:
        return None  # told by the suite before
    for item in (item for event in document.events for item in event.items):
        if is_key(item.key) and _RESOLVER + unquote(item.key) not in theirs:
            return f"{item.key} is not among its keys"
    return None


def why_not_the_same_hashes(file: Path) -> str | None:
    """Return the first hash that is not the other implementation's; None if all are."""
    theirs = file.with_suffix(".hashes").read_text("utf-8").split()
    ours = _hashes(file)
    if len(ours) != len(theirs):
        return f"{len(ours)} hashes, not {len(theirs)}"
    return next((mine for mine, other in zip(ours, theirs, strict=True) if mine != other), None)


def why_json_is_not_xml(file: Path) -> str | None:
    """Return why a document has other hashes in XML; None if it has the same."""
    same = _hashes(file) == _hashes(file.with_suffix(".xml"))
    return None if same else "JSON and XML hash differently"


def why_not_one_hash(file: Path) -> str | None:
    """Return why the events of a file do not hash alike; None if they do."""
    found = set(_hashes(file))
    return None if len(found) == 1 else f"{len(found)} hashes"


def why_not_the_same_after_xml(file: Path) -> str | None:
    """Return why a document is another one after it was written in XML; None if it is not."""
    once = body_of(file.read_bytes())
    again = body_of(write_document(once))
    if _hashes_of(once) != _hashes_of(again):
        return "its events hash differently"
    if file.suffix == ".xml" and once != again:
        return "its JSON form is another"
    return None


def _hashes(file: Path) -> list[str]:
    return _hashes_of(body_of(file.read_bytes()))


def _hashes_of(body: Mapping[str, Any]) -> list[str]:
    context, ignored = body.get("@context"), ignored_fields(body)
    return [event_hash(event, context, ignored) for event in events_of(body)]


def _documents(sets: Path, endings: Collection[str], *folders: str) -> list[Path]:
    """Return the files of folders and their subfolders, in the order of their names."""
    found = (file for pattern in folders for file in sets.glob(f"{pattern}/**/*"))
    return sorted(file for file in found if file.suffix in endings and file.is_file())


def _decided(file: Path, refusal: Invalid) -> bool:
    codes = {found.code for found in getattr(refusal, "findings", [refusal])}
    return any(each["document"] == file.name and codes == set(each["codes"]) for each in _DECISIONS)


def _told(fault: Fault, file: Path) -> str | None:
    try:
        return fault(file)
    except LongmaiError as refusal:
        return str(refusal)


def _run(name: str, files: list[Path], fault: Fault, data: Path) -> SuiteResult:
    faults = {file: _told(fault, file) for file in files}
    failures = tuple(f"{file.relative_to(data)}: {why}" for file, why in faults.items() if why)
    return SuiteResult(name, passed=len(files) - len(failures), total=len(files), failures=failures)


def _anybody(store: Store) -> Capturer:
    return Capturer("conformance", EVERYWHERE, "99", store.clock.now())
