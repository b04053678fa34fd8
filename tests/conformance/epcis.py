"""EPCIS sets: valid documents are captured, invalid ones refused, keys agree with another's.

``epcis/<source>/<version>/EPCIS/JSON/Capture/{Documents,Events}`` hold valid documents, and
``…/Capture/Invalid`` invalid ones, in subfolders too. ``epcis/event-hash`` holds valid documents
with the strings that another implementation hashes: the Digital Link URIs in them are its keys.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote

from tests.conformance.suite import SuiteResult

from longmai.domains.brand.model.epcis import parse_document
from longmai.domains.brand.model.gs1 import is_key
from longmai.domains.brand.model.trace import trace
from longmai.domains.brand.queries import SqlEvents
from longmai.domains.brand.service import Capturer, capture
from longmai.domains.brand.tables import PROJECTIONS
from longmai.kernel.clock import SystemClock
from longmai.kernel.errors import InvalidMany, LongmaiError
from longmai.portal.rights.model import EVERYWHERE
from longmai.store.database import connect, migrate
from longmai.store.unit_of_work import Store

_ENDINGS = frozenset({".json", ".jsonld"})
_QUERY = "epcis.type.query"
_RESOLVER = "https://id.gs1.org/"


def suites(data: Path) -> Iterable[SuiteResult]:
    """Run the EPCIS suites found in a folder of outside data."""
    sets = data / "epcis"
    valid = _documents(sets, "*/*/EPCIS/JSON/Capture/Documents", "*/*/EPCIS/JSON/Capture/Events")
    invalid = _documents(sets, "*/*/EPCIS/JSON/Capture/Invalid")
    hashed = _documents(sets, "event-hash")
    keyed = [file for file in hashed if file.with_suffix(".prehashes").is_file()]
    for name, files, fault in (
        ("epcis-valid json", valid, why_not_captured),
        ("epcis-invalid json", invalid, why_not_refused),
        ("epcis-event-hash json", hashed, why_not_taken_for_what_it_is),
        ("epcis-event-hash keys", keyed, why_not_the_same_keys),
    ):
        if files:
            yield _run(name, files, fault, data)


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


def _documents(sets: Path, *folders: str) -> list[Path]:
    """Return the JSON files of folders and their subfolders, in the order of their names."""
    found = (file for pattern in folders for file in sets.glob(f"{pattern}/**/*"))
    return sorted(file for file in found if file.suffix in _ENDINGS and file.is_file())


def _run(
    name: str, files: list[Path], fault: Callable[[Path], str | None], data: Path
) -> SuiteResult:
    faults = {file: fault(file) for file in files}
    failures = tuple(f"{file.relative_to(data)}: {why}" for file, why in faults.items() if why)
    return SuiteResult(name, passed=len(files) - len(failures), total=len(files), failures=failures)


def _anybody(store: Store) -> Capturer:
    return Capturer("conformance", EVERYWHERE, "99", store.clock.now())
